-- SHA-256 of the sentence a guest agreed to, in the language it was read in. Only adds: consents of before, and of the
-- release before, have none.

ALTER TABLE consent ADD COLUMN text_hash BINARY(32);
