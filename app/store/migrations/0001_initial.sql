-- The first schema. Dialect: what MariaDB 10.11, MySQL 8+ and SQLite 3.40 share. Times are microseconds UTC, ids are
-- made by the program, numbers of enumerations are those of app/core/booking.hpp. A statement ends with a semicolon at
-- the end of its line.

CREATE TABLE customer (
  id BINARY(16) NOT NULL PRIMARY KEY,
  phone VARCHAR(20) NOT NULL,
  name VARCHAR(60) NOT NULL,
  created_us BIGINT NOT NULL,
  CONSTRAINT customer_phone UNIQUE (phone),
  CONSTRAINT customer_phone_form CHECK (phone LIKE '+82%')
);

CREATE TABLE booking (
  id BINARY(16) NOT NULL PRIMARY KEY,
  number CHAR(9) NOT NULL,
  customer_id BINARY(16) NOT NULL,
  status SMALLINT NOT NULL,
  service SMALLINT NOT NULL,
  description TEXT NOT NULL,
  address VARCHAR(200) NOT NULL,
  contact_name VARCHAR(60) NOT NULL,
  technician VARCHAR(40),
  visit_start_us BIGINT,
  visit_minutes INTEGER,
  version INTEGER NOT NULL,
  created_us BIGINT NOT NULL,
  updated_us BIGINT NOT NULL,
  CONSTRAINT booking_number UNIQUE (number),
  CONSTRAINT booking_customer FOREIGN KEY (customer_id) REFERENCES customer (id),
  CONSTRAINT booking_status_known CHECK (status BETWEEN 1 AND 7),
  CONSTRAINT booking_service_known CHECK (service BETWEEN 1 AND 5),
  CONSTRAINT booking_visit_whole CHECK (
    (technician IS NULL AND visit_start_us IS NULL AND visit_minutes IS NULL) OR
    (technician IS NOT NULL AND visit_start_us IS NOT NULL AND visit_minutes BETWEEN 30 AND 480))
);
CREATE INDEX booking_by_created ON booking (created_us, id);
CREATE INDEX booking_by_status ON booking (status, created_us, id);

CREATE TABLE preferred_window (
  booking_id BINARY(16) NOT NULL,
  position SMALLINT NOT NULL,
  day INTEGER NOT NULL,
  part SMALLINT NOT NULL,
  PRIMARY KEY (booking_id, position),
  CONSTRAINT preferred_window_booking FOREIGN KEY (booking_id) REFERENCES booking (id),
  CONSTRAINT preferred_window_part_known CHECK (part BETWEEN 1 AND 3)
);

-- A technician's half hour can be claimed once: the primary key is what makes a double booking impossible.
CREATE TABLE slot_claim (
  technician VARCHAR(40) NOT NULL,
  slot_start_us BIGINT NOT NULL,
  booking_id BINARY(16) NOT NULL,
  PRIMARY KEY (technician, slot_start_us),
  CONSTRAINT slot_claim_booking FOREIGN KEY (booking_id) REFERENCES booking (id),
  CONSTRAINT slot_claim_aligned CHECK (slot_start_us % 1800000000 = 0)
);

-- Written in the transaction of the booking it stands for; booking_id has no foreign key because it is written first.
CREATE TABLE idempotency (
  idempotency_key VARBINARY(128) NOT NULL PRIMARY KEY,
  fingerprint BINARY(32) NOT NULL,
  booking_id BINARY(16) NOT NULL,
  status SMALLINT NOT NULL,
  created_us BIGINT NOT NULL
);
CREATE INDEX idempotency_by_created ON idempotency (created_us);

CREATE TABLE admin_session (
  token_hash BINARY(32) NOT NULL PRIMARY KEY,
  username VARCHAR(60) NOT NULL,
  created_us BIGINT NOT NULL,
  expires_us BIGINT NOT NULL
);
CREATE INDEX admin_session_by_expiry ON admin_session (expires_us);

CREATE TABLE login_failure (
  subject VARCHAR(120) NOT NULL PRIMARY KEY,
  failures INTEGER NOT NULL,
  last_us BIGINT NOT NULL
);

CREATE TABLE audit_log (
  id BINARY(16) NOT NULL PRIMARY KEY,
  at_us BIGINT NOT NULL,
  actor VARCHAR(60) NOT NULL,
  address VARCHAR(45) NOT NULL,
  action VARCHAR(40) NOT NULL,
  subject VARCHAR(64) NOT NULL,
  detail TEXT NOT NULL
);
CREATE INDEX audit_log_by_time ON audit_log (at_us);
