// The operator who is signed in, and calls to the admin API.
import { Refused, send } from "./http.js";
import { change, state } from "./store.js";

let signingIn = null;

export async function signIn(email, password) {
  const { data } = await send("POST", "/api/admin/login", { email, password });
  change({ operator: { ...state.operator, token: data.access_token, email, password } });
}

// One call to the admin API. An operator whose token is too old signs in again.
export async function call(method, path, body) {
  const once = async () => (await send(method, path, body, { Authorization: `Bearer ${state.operator.token}` })).data;
  try {
    return await once();
  } catch (error) {
    if (!(error instanceof Refused) || error.status !== 401) throw error;
  }
  // Several panels read at the same time; they share one sign-in.
  signingIn ??= signIn(state.operator.email, state.operator.password).finally(() => {
    signingIn = null;
  });
  await signingIn;
  return once();
}
