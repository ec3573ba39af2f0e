-- The time a guest wishes for, in minutes since midnight in Seoul; part is the half of the day it lies in. Only adds: the
-- release before reads and writes the half. Without a CHECK, for which MySQL would copy the table.

ALTER TABLE preferred_window ADD COLUMN start_minute SMALLINT;
