// What the page knows, and who is told when it changes.
import { useEffect, useReducer } from "./vendor/htm-preact.js";

export const state = {
  now: null,
  cabinets: [],
  events: [],
  newest: 0,
  isLive: false,
  wrong: "",
  queues: [],
  schedules: [],
  books: null,
  tab: "operator",
  station: null,
  phone: { number: "+9779841000001" },
  filter: { rental: "", kind: "", reads: false },
  operator: { token: null },
};

const listeners = new Set();

export function change(changes) {
  Object.assign(state, changes);
  for (const listener of listeners) listener();
}

export function changePhone(changes) {
  change({ phone: { ...state.phone, ...changes } });
}

// The state; the component is drawn again after each change.
export function useStore() {
  const [, redraw] = useReducer((count) => count + 1, 0);
  useEffect(() => {
    const listener = () => redraw();
    listeners.add(listener);
    return () => listeners.delete(listener);
  }, []);
  return state;
}
