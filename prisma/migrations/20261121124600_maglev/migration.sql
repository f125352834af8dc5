-- CreateTable
CREATE TABLE "FarmVip" (
    "farmName" TEXT NOT NULL,
    "address" TEXT NOT NULL,

    PRIMARY KEY ("farmName", "address"),
    CONSTRAINT "FarmVip_farmName_fkey" FOREIGN KEY ("farmName") REFERENCES "Farm" ("name") ON DELETE CASCADE ON UPDATE CASCADE
);

-- RedefineTables: farms keep their scheduler; what is new gets the value that it has by default
PRAGMA defer_foreign_keys=ON;
PRAGMA foreign_keys=OFF;
CREATE TABLE "new_Farm" (
    "name" TEXT NOT NULL PRIMARY KEY,
    "sortKey" TEXT NOT NULL,
    "generation" INTEGER NOT NULL,
    "adminState" TEXT NOT NULL,
    "mode" TEXT NOT NULL,
    "delivery" TEXT NOT NULL,
    "interface" TEXT,
    "vip" TEXT NOT NULL,
    "additionalVips" TEXT NOT NULL,
    "protocol" TEXT NOT NULL,
    "ports" TEXT NOT NULL,
    "scheduler" TEXT NOT NULL,
    "hashInput" TEXT NOT NULL,
    "slots" INTEGER NOT NULL,
    "handoverPeriod" INTEGER NOT NULL,
    "handoverSize" INTEGER NOT NULL,
    "persistence" TEXT NOT NULL,
    "persistenceTtl" INTEGER NOT NULL
);
INSERT INTO "new_Farm" ("adminState", "delivery", "generation", "hashInput", "interface", "mode", "name", "persistence", "persistenceTtl", "ports", "protocol", "scheduler", "sortKey", "vip", "additionalVips", "slots", "handoverPeriod", "handoverSize")
SELECT "adminState", "delivery", "generation", "hashInput", "interface", "mode", "name", "persistence", "persistenceTtl", "ports", "protocol", "scheduler", "sortKey", "vip", '[]',
    CASE WHEN (SELECT COUNT(*) FROM "Backend" WHERE "farmName" = "Farm"."name") > 64 THEN 65537 ELSE 4093 END, 3600, 65536
FROM "Farm";
DROP TABLE "Farm";
ALTER TABLE "new_Farm" RENAME TO "Farm";
INSERT INTO "FarmVip" ("farmName", "address") SELECT "name", "vip" FROM "Farm";
CREATE UNIQUE INDEX "Farm_sortKey_key" ON "Farm"("sortKey");
PRAGMA foreign_keys=ON;
PRAGMA defer_foreign_keys=OFF;

-- CreateIndex
CREATE INDEX "FarmVip_address_idx" ON "FarmVip"("address");
