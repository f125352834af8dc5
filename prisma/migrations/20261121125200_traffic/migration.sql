-- CreateTable
CREATE TABLE "TrafficHour" (
    "farmName" TEXT NOT NULL,
    "hour" INTEGER NOT NULL,
    "buckets" TEXT NOT NULL,

    PRIMARY KEY ("farmName", "hour")
);

-- CreateIndex
CREATE INDEX "TrafficHour_hour_idx" ON "TrafficHour"("hour");
