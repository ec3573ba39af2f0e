-- Whether the guest says that it cannot wait. Only adds: who knows nothing of it leaves it at 0.

ALTER TABLE booking ADD COLUMN urgent SMALLINT NOT NULL DEFAULT 0;
