-- When the shop works, as its owner says. Without a row in calendar_rules the program's usual calendar holds, which is what
-- the release before goes on with. Only adds.

CREATE TABLE calendar_rules (
  id SMALLINT NOT NULL PRIMARY KEY,
  version INTEGER NOT NULL,
  rests_on_holidays SMALLINT NOT NULL,
  lead_minutes INTEGER NOT NULL,
  horizon_days INTEGER NOT NULL,
  travel_minutes INTEGER NOT NULL,
  updated_us BIGINT NOT NULL,
  CONSTRAINT calendar_rules_one CHECK (id = 1)
);

-- Sunday is 0; minutes since midnight in Seoul. A day of the week that is not here is a day of rest.
CREATE TABLE calendar_weekday (
  weekday SMALLINT NOT NULL PRIMARY KEY,
  opens SMALLINT NOT NULL,
  closes SMALLINT NOT NULL,
  lunch_from SMALLINT,
  lunch_to SMALLINT,
  CONSTRAINT calendar_weekday_known CHECK (weekday BETWEEN 0 AND 6),
  CONSTRAINT calendar_weekday_hours CHECK (opens < closes)
);

-- One day, as the number 20261201: closed without hours, a one-off opening with them.
CREATE TABLE calendar_day (
  day INTEGER NOT NULL PRIMARY KEY,
  opens SMALLINT,
  closes SMALLINT,
  lunch_from SMALLINT,
  lunch_to SMALLINT,
  CONSTRAINT calendar_day_hours CHECK ((opens IS NULL AND closes IS NULL) OR opens < closes)
);
