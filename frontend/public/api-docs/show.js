// Shows our own OpenAPI document. A file, as the content security policy forbids inline scripts.
window.SwaggerUIBundle({
  url: "/api/v1/openapi.json",
  dom_id: "#api",
  deepLinking: true,
  defaultModelsExpandDepth: 0,
  // Nothing is sent to an outside validator.
  validatorUrl: null,
});
