-- The flat, the floor, how to get in, apart from the address to the building. Only adds: what was written as one line
-- stays in address_sealed, and the release before shows a new booking without its detail.

ALTER TABLE booking ADD COLUMN address_detail_sealed TEXT;
