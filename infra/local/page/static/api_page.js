// Swagger UI on the service's document. It calls as the customer who is signed in on the phone.
import { KEPT_PHONE } from "./session.js";

const ui = SwaggerUIBundle({
  url: "/docs/openapi.json",
  dom_id: "#page",
  deepLinking: true,
  docExpansion: "none",
  filter: true,
  validatorUrl: null,
  onComplete: authorize,
});

let isAuthorized = false;

// `token` is the name of the document's only security scheme.
function authorize() {
  const { token } = JSON.parse(localStorage.getItem(KEPT_PHONE) ?? "{}");
  if (token) ui.preauthorizeApiKey("token", token);
  else if (isAuthorized) ui.authActions.logout(["token"]);
  isAuthorized = Boolean(token);
}

// Another document of this origin signed in, signed out or got a new token.
addEventListener("storage", (event) => {
  if (event.key === KEPT_PHONE || event.key === null) authorize();
});
