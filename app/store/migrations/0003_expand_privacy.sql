-- Personal data sealed: new columns stand beside the old ones, which keep a token (phone) or nothing (address). What stands
-- in old rows is sealed by the program, some rows at a time. A later release drops the old columns.

ALTER TABLE customer ADD COLUMN phone_sealed VARCHAR(300);
ALTER TABLE customer ADD COLUMN phone_index BINARY(32);
ALTER TABLE customer ADD COLUMN phone_last4 CHAR(4);
ALTER TABLE customer ADD COLUMN key_id SMALLINT;
CREATE UNIQUE INDEX customer_by_phone_index ON customer (phone_index);
CREATE INDEX customer_by_last4 ON customer (phone_last4);
CREATE INDEX customer_by_key ON customer (key_id);

ALTER TABLE booking ADD COLUMN address_sealed TEXT;
ALTER TABLE booking ADD COLUMN key_id SMALLINT;
ALTER TABLE booking ADD COLUMN anonymised_us BIGINT;
CREATE INDEX booking_by_key ON booking (key_id);
