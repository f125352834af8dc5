-- CreateTable
CREATE TABLE "DoctorRun" (
    "id" INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT,
    "startedAt" DATETIME NOT NULL,
    "endedAt" DATETIME,
    "actor" TEXT NOT NULL,
    "farmName" TEXT,
    "backend" TEXT,
    "total" INTEGER NOT NULL,
    "done" INTEGER NOT NULL DEFAULT 0,
    "backends" INTEGER NOT NULL DEFAULT 0,
    "healthy" INTEGER NOT NULL DEFAULT 0,
    "findings" INTEGER NOT NULL DEFAULT 0
);

-- CreateTable
CREATE TABLE "DoctorResult" (
    "id" INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT,
    "runId" INTEGER NOT NULL,
    "farmName" TEXT NOT NULL,
    "backend" TEXT,
    "at" DATETIME NOT NULL,
    "trouble" TEXT,
    "found" TEXT NOT NULL,
    CONSTRAINT "DoctorResult_runId_fkey" FOREIGN KEY ("runId") REFERENCES "DoctorRun" ("id") ON DELETE CASCADE ON UPDATE CASCADE
);

-- CreateTable
CREATE TABLE "DoctorSchedule" (
    "id" INTEGER NOT NULL PRIMARY KEY DEFAULT 1,
    "cron" TEXT NOT NULL
);

-- CreateIndex
CREATE INDEX "DoctorResult_farmName_id_idx" ON "DoctorResult"("farmName", "id");

-- CreateIndex
CREATE UNIQUE INDEX "DoctorResult_runId_farmName_key" ON "DoctorResult"("runId", "farmName");
