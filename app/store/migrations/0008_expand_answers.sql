-- What was answered to a change an admin's request made, under the request's Idempotency-Key: written in the transaction of
-- the change. The body is sealed, for it may hold a secret that is told once. Only adds.

CREATE TABLE answered_request (
  idempotency_key VARBINARY(128) NOT NULL PRIMARY KEY,
  fingerprint BINARY(32) NOT NULL,
  status SMALLINT NOT NULL,
  body TEXT NOT NULL,
  created_us BIGINT NOT NULL
);
CREATE INDEX answered_request_by_created ON answered_request (created_us);
