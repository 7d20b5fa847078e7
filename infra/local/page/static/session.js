// Who is signed in: the customer on the phone with a language, and the operator at the desk. Each calls the service.
import { renewing, send } from "./http.js";
import { change, changePhone, state } from "./store.js";

export const KEPT_PHONE = "bijuli.phone";

export function restore() {
  const kept = localStorage.getItem(KEPT_PHONE);
  if (kept) changePhone(JSON.parse(kept));
}

function keep() {
  const { number, token, refresh, language } = state.phone;
  localStorage.setItem(KEPT_PHONE, JSON.stringify({ number, token, refresh, language }));
  document.cookie = `language=${language ?? "en"}; path=/; samesite=lax`; // for the pay pages
}

export function signedIn(tokens) {
  changePhone({ token: tokens.access, refresh: tokens.refresh, challenge: null, proof: null });
  keep();
}

export function signOut() {
  changePhone({ token: null, refresh: null, me: null, rental: null, due: null, challenge: null, proof: null, topup: null });
  keep();
}

export function speak(language) {
  changePhone({ language });
  keep();
}

// One call of the customer.
export const call = renewing(() => state.phone.token, callOnce, refresh);

async function callOnce(method, path, body) {
  const { token, language } = state.phone;
  const headers = { "Accept-Language": language ?? "en", ...(token ? { Authorization: `Bearer ${token}` } : {}) };
  return (await send(method, path, body, headers)).data;
}

async function refresh() {
  try {
    const answer = await send("POST", "/api/auth/refresh", { refresh: state.phone.refresh });
    signedIn({ access: answer.access, refresh: answer.data.tokens.refresh });
  } catch (error) {
    if (error.status < 500) signOut();
    throw error;
  }
}

export async function operatorSignIn(email, password) {
  const { data } = await send("POST", "/api/admin/login", { email, password });
  change({ operator: { ...state.operator, token: data.access_token, email, password } });
}

const callAsOperator = async (method, path, body) => (await send(method, path, body, { Authorization: `Bearer ${state.operator.token}` })).data;

// One call of the operator, who signs in again when the token is too old.
export const operatorCall = renewing(() => state.operator.token, callAsOperator, () => operatorSignIn(state.operator.email, state.operator.password));
