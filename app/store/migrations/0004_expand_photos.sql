-- Photos and consents. A photo belongs to a booking, or to a request not sent yet (draft: the hash of a token that its
-- form holds).

CREATE TABLE photo (
  id BINARY(16) NOT NULL PRIMARY KEY,
  booking_id BINARY(16),
  draft BINARY(32),
  position SMALLINT NOT NULL,
  width SMALLINT NOT NULL,
  height SMALLINT NOT NULL,
  octets INTEGER NOT NULL,
  created_us BIGINT NOT NULL,
  content MEDIUMBLOB NOT NULL,
  CONSTRAINT photo_place UNIQUE (booking_id, position),
  CONSTRAINT photo_draft UNIQUE (draft, position),
  CONSTRAINT photo_booking FOREIGN KEY (booking_id) REFERENCES booking (id),
  CONSTRAINT photo_owned CHECK (booking_id IS NOT NULL OR draft IS NOT NULL),
  CONSTRAINT photo_few CHECK (position BETWEEN 0 AND 4)
);
CREATE INDEX photo_by_created ON photo (created_us);

CREATE TABLE consent (
  booking_id BINARY(16) NOT NULL,
  kind SMALLINT NOT NULL,
  notice VARCHAR(20) NOT NULL,
  given_us BIGINT NOT NULL,
  PRIMARY KEY (booking_id, kind),
  CONSTRAINT consent_booking FOREIGN KEY (booking_id) REFERENCES booking (id)
);
