-- What the office needs: accounts beside those of the configuration, second factors, what a list of sessions shows,
-- technicians, customers with notes who can be merged, a calendar feed, and a chain through the audit log. Only adds: the
-- release before goes on serving beside this one.

CREATE TABLE admin_account (
  username VARCHAR(60) NOT NULL PRIMARY KEY,
  password_hash VARCHAR(160) NOT NULL,
  role SMALLINT NOT NULL,
  disabled SMALLINT NOT NULL,
  created_us BIGINT NOT NULL,
  CONSTRAINT admin_account_role_known CHECK (role BETWEEN 1 AND 2),
  CONSTRAINT admin_account_disabled_known CHECK (disabled BETWEEN 0 AND 1)
);

-- The secret is sealed. Without confirmed_us nobody is asked for a code. last_step: a code opens once, on whichever node.
CREATE TABLE second_factor (
  username VARCHAR(60) NOT NULL PRIMARY KEY,
  secret VARCHAR(300) NOT NULL,
  confirmed_us BIGINT,
  last_step BIGINT NOT NULL
);

CREATE TABLE recovery_code (
  username VARCHAR(60) NOT NULL,
  code_hash BINARY(32) NOT NULL,
  PRIMARY KEY (username, code_hash)
);

ALTER TABLE admin_session ADD COLUMN address VARCHAR(45) NOT NULL DEFAULT '';
ALTER TABLE admin_session ADD COLUMN agent VARCHAR(120) NOT NULL DEFAULT '';
ALTER TABLE admin_session ADD COLUMN verified_us BIGINT NOT NULL DEFAULT 0;

CREATE TABLE technician (
  name VARCHAR(40) NOT NULL PRIMARY KEY,
  position SMALLINT NOT NULL
);

-- Two numbers of one person: the bookings stay with theirs, so that a merge is undone by forgetting it.
ALTER TABLE customer ADD COLUMN note TEXT;
ALTER TABLE customer ADD COLUMN blocked SMALLINT NOT NULL DEFAULT 0;
ALTER TABLE customer ADD COLUMN merged_into BINARY(16);
ALTER TABLE customer ADD COLUMN merged_us BIGINT;
ALTER TABLE customer ADD COLUMN merged_by VARCHAR(60);
CREATE INDEX customer_by_merge ON customer (merged_into);
CREATE INDEX booking_by_customer ON booking (customer_id, created_us);
CREATE INDEX booking_by_visit ON booking (visit_start_us);

-- The secret of the address at which a calendar program finds the visits; one at a time.
CREATE TABLE calendar_feed (
  id SMALLINT NOT NULL PRIMARY KEY,
  token_hash BINARY(32) NOT NULL,
  created_us BIGINT NOT NULL,
  CONSTRAINT calendar_feed_one CHECK (id = 1)
);

-- Each entry is hashed with the one before it; the head stands apart, so that nothing can be cut off the end. Entries of
-- earlier releases have no place in the chain.
ALTER TABLE audit_log ADD COLUMN sequence BIGINT;
ALTER TABLE audit_log ADD COLUMN hash BINARY(32);
CREATE UNIQUE INDEX audit_log_by_sequence ON audit_log (sequence);
CREATE TABLE audit_head (
  id SMALLINT NOT NULL PRIMARY KEY,
  sequence BIGINT NOT NULL,
  hash BINARY(32) NOT NULL,
  CONSTRAINT audit_head_one CHECK (id = 1)
);
