// Calls the app at the address in the first argument by types made of docs/openapi.json, and prints what came.
import createClient from "openapi-fetch";
import type { components, paths } from "./schema";

declare const process: { argv: string[] };

const client = createClient<paths>({ baseUrl: process.argv[2] ?? "" });

const release = await client.GET("/api/app/version", { params: { query: { platform: "android" } } });
const version: string | undefined = release.data?.data.latest_version;

const asked = await client.POST("/api/auth/get-otp", { body: { identifier: "+9779841234567" } });
const sent: components["schemas"]["OtpSentResponse"] | undefined = asked.data?.data;
const requestId: string | null = asked.response.headers.get("X-Request-Id");

const refused = await client.POST("/api/auth/get-otp", { body: { identifier: "x" } });
const problem: components["schemas"]["Problem"] | undefined = refused.error;

// What must not compile: an unknown platform, a misspelt field, a query left out, a path that is none.
// @ts-expect-error
export const unknown = () => client.GET("/api/app/version", { params: { query: { platform: "windows" } } });
// @ts-expect-error
asked.data?.data.resend_after_minutes;
// @ts-expect-error
export const unasked = () => client.GET("/api/app/version");
// @ts-expect-error
export const nowhere = () => client.GET("/api/nowhere");

console.log(
  JSON.stringify({
    version,
    minutes: sent?.expires_in_minutes,
    requestId,
    status: refused.response.status,
    code: problem?.error.code,
    fields: Object.keys(problem?.errors ?? {}),
  }),
);
