-- AlterTable: farms and backends of an earlier version are not checked until somebody asks for it
ALTER TABLE "Farm" ADD COLUMN "monitor" TEXT;
ALTER TABLE "Farm" ADD COLUMN "whenAllUnhealthy" TEXT NOT NULL DEFAULT 'keep';
ALTER TABLE "Farm" ADD COLUMN "slowStart" INTEGER NOT NULL DEFAULT 0;
ALTER TABLE "Backend" ADD COLUMN "monitor" TEXT;

-- CreateTable
CREATE TABLE "HealthEvent" (
    "id" INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT,
    "agent" TEXT NOT NULL,
    "seq" INTEGER NOT NULL,
    "at" DATETIME NOT NULL,
    "farmName" TEXT NOT NULL,
    "backend" TEXT NOT NULL,
    "from" TEXT NOT NULL,
    "to" TEXT NOT NULL,
    "reason" TEXT NOT NULL
);

-- CreateIndex
CREATE UNIQUE INDEX "HealthEvent_agent_seq_key" ON "HealthEvent"("agent", "seq");

-- CreateIndex
CREATE INDEX "HealthEvent_farmName_id_idx" ON "HealthEvent"("farmName", "id");

-- CreateIndex
CREATE INDEX "HealthEvent_at_idx" ON "HealthEvent"("at");
