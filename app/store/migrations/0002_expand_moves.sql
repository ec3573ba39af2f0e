-- What happens to a booking after it was made: estimates, reasons, a timeline. Only adds: the release before goes on
-- serving beside it.

ALTER TABLE booking ADD COLUMN reason TEXT;

CREATE TABLE estimate (
  booking_id BINARY(16) NOT NULL,
  revision INTEGER NOT NULL,
  note TEXT NOT NULL,
  valid_until_us BIGINT NOT NULL,
  created_us BIGINT NOT NULL,
  PRIMARY KEY (booking_id, revision),
  CONSTRAINT estimate_booking FOREIGN KEY (booking_id) REFERENCES booking (id)
);

CREATE TABLE estimate_item (
  booking_id BINARY(16) NOT NULL,
  revision INTEGER NOT NULL,
  position SMALLINT NOT NULL,
  label VARCHAR(100) NOT NULL,
  amount BIGINT NOT NULL,
  PRIMARY KEY (booking_id, revision, position),
  CONSTRAINT estimate_item_of FOREIGN KEY (booking_id, revision) REFERENCES estimate (booking_id, revision)
);

-- `move` and `party` are numbered as in app/core/lifecycle.hpp.
CREATE TABLE booking_event (
  id BINARY(16) NOT NULL PRIMARY KEY,
  booking_id BINARY(16) NOT NULL,
  at_us BIGINT NOT NULL,
  move SMALLINT NOT NULL,
  party SMALLINT NOT NULL,
  actor VARCHAR(60) NOT NULL,
  detail TEXT NOT NULL,
  CONSTRAINT booking_event_booking FOREIGN KEY (booking_id) REFERENCES booking (id)
);
CREATE INDEX booking_event_by_booking ON booking_event (booking_id, at_us, id);
CREATE INDEX slot_claim_by_booking ON slot_claim (booking_id);
