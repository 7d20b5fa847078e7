// The customer who is signed in on the phone: tokens, language and calls to the service.
import { Refused, send } from "./http.js";
import { changePhone, state } from "./store.js";

export const KEPT_PHONE = "bijuli.phone";
let refreshing = null;

export function restore() {
  const kept = localStorage.getItem(KEPT_PHONE);
  if (kept) changePhone(JSON.parse(kept));
}

function keep() {
  const { number, token, refresh, language } = state.phone;
  localStorage.setItem(KEPT_PHONE, JSON.stringify({ number, token, refresh, language }));
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

// One call to the service. An access token that is too old is refreshed once.
export async function call(method, path, body) {
  const used = state.phone.token;
  try {
    return await callOnce(method, path, body);
  } catch (error) {
    if (!(error instanceof Refused) || error.status !== 401 || !used) throw error;
  }
  await refresh(used);
  return callOnce(method, path, body);
}

async function callOnce(method, path, body) {
  const { token, language } = state.phone;
  const headers = { "Accept-Language": language ?? "en", ...(token ? { Authorization: `Bearer ${token}` } : {}) };
  return (await send(method, path, body, headers)).data;
}

async function refresh(used) {
  if (state.phone.token !== used) return;
  refreshing ??= send("POST", "/api/auth/refresh", { refresh: state.phone.refresh })
    .then((answer) => signedIn({ access: answer.access, refresh: answer.data.tokens.refresh }))
    .catch((error) => {
      if (error instanceof Refused && error.status < 500) signOut();
      throw error;
    })
    .finally(() => {
      refreshing = null;
    });
  await refreshing;
}
