-- What is to be told to others, written in the transaction of what happened. Who sends a message first moves next_us into
-- the future: that is the lease.

CREATE TABLE outbox (
  id BINARY(16) NOT NULL PRIMARY KEY,
  booking_id BINARY(16) NOT NULL,
  channel SMALLINT NOT NULL,
  move SMALLINT NOT NULL,
  status SMALLINT NOT NULL,
  at_us BIGINT NOT NULL,
  next_us BIGINT NOT NULL,
  attempts INTEGER NOT NULL,
  owner VARCHAR(40) NOT NULL,
  done_us BIGINT,
  failure VARCHAR(100) NOT NULL,
  CONSTRAINT outbox_booking FOREIGN KEY (booking_id) REFERENCES booking (id)
);
CREATE INDEX outbox_by_turn ON outbox (done_us, next_us);
