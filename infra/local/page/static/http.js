// Requests to the control API and to the service, both on the page's own origin.

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
