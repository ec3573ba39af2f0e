-- What is true of every database that bookd wrote (app/store/migrations). Each statement: a sentence, and how many rows
-- break it. Read without the indices that should make it so, where that is cheap.
SELECT 'a booking has its customer', COUNT(*) FROM booking b LEFT JOIN customer c ON c.id = b.customer_id WHERE c.id IS NULL;
SELECT 'a number belongs to one booking', COUNT(*) - COUNT(DISTINCT number) FROM booking IGNORE INDEX (booking_number);
SELECT 'a telephone number belongs to one customer', COUNT(*) - COUNT(DISTINCT phone) FROM customer IGNORE INDEX (customer_phone);
SELECT 'a window belongs to a booking', COUNT(*) FROM preferred_window w LEFT JOIN booking b ON b.id = w.booking_id WHERE b.id IS NULL;
SELECT 'a claim lies within the visit of its booking', COUNT(*) FROM slot_claim s LEFT JOIN booking b ON b.id = s.booking_id
  AND b.technician = s.technician AND s.slot_start_us >= b.visit_start_us
  AND s.slot_start_us < b.visit_start_us + b.visit_minutes * 60000000 WHERE b.id IS NULL;
SELECT 'a visit to come claims each of its half hours', COUNT(*) FROM (
  SELECT b.id FROM booking b LEFT JOIN slot_claim s ON s.booking_id = b.id WHERE b.status IN (3, 4)
  GROUP BY b.id, b.visit_minutes HAVING COUNT(s.booking_id) <> CEILING(COALESCE(b.visit_minutes, 0) / 30) OR b.visit_minutes IS NULL) v;
SELECT 'the schema has no half-applied step', COUNT(*) FROM schema_migration WHERE applied_us = 0;
