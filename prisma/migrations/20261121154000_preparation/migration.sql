-- CreateTable
CREATE TABLE "PrepMachine" (
    "address" TEXT NOT NULL PRIMARY KEY,
    "system" TEXT,
    "report" TEXT,
    "receivedAt" DATETIME,
    "by" TEXT
);

-- CreateTable
CREATE TABLE "PrepLink" (
    "address" TEXT NOT NULL PRIMARY KEY,
    "hash" TEXT NOT NULL,
    "system" TEXT NOT NULL,
    "createdAt" DATETIME NOT NULL,
    "expiresAt" DATETIME NOT NULL,
    "reports" INTEGER NOT NULL DEFAULT 0
);

-- CreateIndex
CREATE UNIQUE INDEX "PrepLink_hash_key" ON "PrepLink"("hash");
