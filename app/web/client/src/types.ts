// The admin's answers of app/api/openapi.yaml, as far as these pages read them.

export type Status = "requested" | "quoted" | "approved" | "scheduled" | "done" | "rejected" | "cancelled";
export type Service = "leak" | "clog" | "freeze" | "replace" | "other";

export interface Visit { start: string; duration_minutes: number; technician: string }
export interface Window { date: string; window: "morning" | "afternoon" | "any" }
export interface EstimateItem { text: string; amount: number }
export interface Estimate { items: EstimateItem[]; note: string; total: number; valid_until: string }
export interface TimelineEvent { at: string; move: string; by: string; actor?: string; detail?: string }

export interface Booking {
  number: string;
  status: Status;
  service: Service;
  description: string;
  address: string;
  name: string;
  phone: string;
  preferred: Window[];
  visit?: Visit;
  estimate?: Estimate;
  reason?: string;
  version: number;
  created_at: string;
  updated_at: string;
  earlier_visits?: number;
}
export interface Earlier { number: string; status: Status; service: Service; created_at: string; visit_start?: string }
export interface BookingDetail extends Booking {
  events: TimelineEvent[];
  earlier: Earlier[];
  moves: string[];
  customer?: CustomerRow;
  photos?: string[]; // addresses
}
export interface BookingPage { bookings: Booking[]; next_cursor: string | null }

export interface Me {
  username: string;
  role: "owner" | "staff";
  configured: boolean;
  csrf_token: string;
  expires_at: string;
  password_fresh: boolean;
  second_factor: boolean;
  recovery_codes_left: number;
}
export interface SessionRow {
  id: string; username: string; created_at: string; expires_at: string; address: string; agent: string; current: boolean;
}
export interface AccountRow { username: string; role: "owner" | "staff"; disabled: boolean; created_at: string }

export interface CustomerRow {
  id: string; name: string; phone: string; blocked: boolean; note: string; bookings: number; last_booking_at?: string;
}
export interface AuditRow { sequence: number; at: string; actor: string; address: string; action: string; subject: string; detail: string }

export interface Hours { from: string; to: string }
export interface DayHours { open: Hours; lunch?: Hours }
export interface ShopHours {
  version: number;
  week: (DayHours & { day: string })[];
  rests_on_holidays: boolean;
  closed: string[];
  openings: (DayHours & { date: string })[];
  lead_minutes: number;
  horizon_days: number;
  travel_minutes: number;
  holidays: { date: string; name: string; name_en: string; substitute: boolean }[];
}
export interface CalendarDay { date: string; open?: { from: string; to: string }; lunch?: { from: string; to: string }; holiday?: string; closed: boolean }
export interface CalendarView { visits: Booking[]; days: CalendarDay[]; technicians: string[] }
