/** Which member follows, and the times that a next step usually has. */

/** The member after the one that is done; the first when it was the last; null when none is left. */
export function after(queue: readonly number[], done: number): number | null {
  const at = queue.indexOf(done);
  const rest = queue.filter((one) => one !== done);
  if (rest.length === 0) return null;
  return (at < 0 ? rest[0] : (rest[at] ?? rest[0])) ?? null;
}

export interface QuickTime {
  id: "hour" | "tomorrow" | "week";
  /** `YYYY-MM-DDTHH:MM` in the workspace's zone, as a datetime-local input has it. */
  value: string;
}

/** The wall clock of an instant in a zone, held in a Date whose UTC fields are the local ones. */
function wall(at: Date, timeZone: string): Date {
  const parts = new Intl.DateTimeFormat("en-CA", {
    timeZone,
    hourCycle: "h23",
    year: "numeric",
    month: "2-digit",
    day: "2-digit",
    hour: "2-digit",
    minute: "2-digit",
  }).formatToParts(at);
  const found = Object.fromEntries(parts.map((part) => [part.type, part.value]));
  return new Date(`${found.year}-${found.month}-${found.day}T${found.hour}:${found.minute}:00Z`);
}

const write = (at: Date) => at.toISOString().slice(0, 16);

/** The given number of days on, then forward over Saturday and Sunday, at ten. */
function workday(from: Date, days: number): string {
  const at = new Date(from);
  at.setUTCDate(at.getUTCDate() + days);
  while (at.getUTCDay() === 0 || at.getUTCDay() === 6) at.setUTCDate(at.getUTCDate() + 1);
  return `${write(at).slice(0, 10)}T10:00`;
}

export function quickTimes(now: Date, timeZone: string): QuickTime[] {
  const here = wall(now, timeZone);
  const hour = new Date(here);
  hour.setUTCHours(hour.getUTCHours() + 1, 0, 0, 0);
  return [
    { id: "hour", value: write(hour) },
    { id: "tomorrow", value: workday(here, 1) },
    { id: "week", value: workday(here, 7) },
  ];
}

/** A wall-clock text of the workspace's zone as an instant with its offset. */
export function instantOf(local: string, timeZone: string): string {
  const guess = new Date(`${local}:00Z`);
  const shift = wall(guess, timeZone).getTime() - guess.getTime();
  return new Date(guess.getTime() - shift).toISOString();
}
