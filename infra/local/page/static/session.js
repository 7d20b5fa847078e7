// Requests to the control API and to the service, on the page's own origin: as the customer on the phone, as the operator, or as nobody.
import { change, changePhone, state } from "./store.js";

export class Refused extends Error {
  constructor(status, body) {
    const said = body?.error?.message ?? body?.error ?? body?.message;
    super(typeof said === "string" ? said : `the answer is ${status}`);
    this.status = status;
  }
}

export async function send(method, path, body, headers = {}) {
  const isForm = body instanceof FormData;
  const answer = await fetch(path, {
    method,
    headers: { ...headers, Accept: "application/json", ...(body && !isForm ? { "Content-Type": "application/json" } : {}) },
    body: isForm ? body : body && JSON.stringify(body),
  });
  const text = await answer.text();
  let content = null;
  try {
    content = JSON.parse(text);
  } catch {
    content = null;
  }
  if (!answer.ok) throw new Refused(answer.status, content);
  return content;
}

// Calls whose token may be too old: `renew` brings another, once for all who wait, and the call is made again.
export function renewing(token, once, renew) {
  let running = null;
  return async (...call) => {
    const used = token();
    try {
      return await once(...call);
    } catch (error) {
      if (error.status !== 401 || !used) throw error;
    }
    if (token() === used) {
      running ??= renew().finally(() => {
        running = null;
      });
    }
    await running;
    return once(...call);
  };
}

export const control = {
  get: (path) => send("GET", path),
  post: (path, body = {}) => send("POST", path, body),
  delete: (path) => send("DELETE", path),
};

// An address that the service gave out, on the origin under which this page was opened.
export function onThisOrigin(address) {
  const url = new URL(address, location.href);
  return url.pathname + url.search;
}

export const KEPT_PHONE = "bijuli.phone";

const NOBODY = { token: null, refresh: null, me: null, rental: null, last: null, challenge: null, proof: null, topup: null };

const kept = () => JSON.parse(localStorage.getItem(KEPT_PHONE) ?? "{}");

// Takes up who is signed in, now and whenever another tab signs in, out, or gets a new token.
export function restore() {
  changePhone(kept());
  addEventListener("storage", ({ key }) => {
    if (key !== KEPT_PHONE && key !== null) return;
    const phone = kept();
    const isSame = phone.token && state.phone.token && phone.number === state.phone.number;
    changePhone({ ...(isSame ? {} : NOBODY), ...phone });
  });
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
  changePhone(NOBODY);
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
  const { token, refresh: newest } = kept();
  // Another tab was quicker; an old refresh token used twice would end the session.
  if (token && newest !== state.phone.refresh) return changePhone({ token, refresh: newest });
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
