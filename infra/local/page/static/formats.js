// Amounts, times and codes as people read them.

export function rupees(paisa) {
  const sign = paisa < 0 ? "-" : "";
  return `${sign}Rs ${(Math.abs(paisa) / 100).toLocaleString("en-IN", { minimumFractionDigits: 2, maximumFractionDigits: 2 })}`;
}

export const KATHMANDU = { timeZone: "Asia/Kathmandu", hour12: false };

export function clockTime(iso) {
  return new Date(iso).toLocaleTimeString("en-GB", { ...KATHMANDU, hour: "2-digit", minute: "2-digit", second: "2-digit" });
}

export function dayTime(iso) {
  return new Date(iso).toLocaleString("en-GB", { ...KATHMANDU, weekday: "short", day: "numeric", month: "short", hour: "2-digit", minute: "2-digit" });
}

const KATHMANDU_OFFSET = "+05:45";

// What an input of the type datetime-local shows and gives: the minute in Kathmandu, rounded up.
export function fieldTime(iso) {
  const local = new Date(Math.ceil(new Date(iso) / 60000) * 60000 + (5 * 60 + 45) * 60000);
  return local.toISOString().slice(0, 16);
}

export function fromFieldTime(value) {
  return new Date(`${value}${KATHMANDU_OFFSET}`).toISOString();
}
