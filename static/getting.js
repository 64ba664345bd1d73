// A link's token stands behind the #, which no browser sends: hand it over in the form, and take it
// out of the address so that nobody reads it over a shoulder or in the history.
(() => {
  const form = document.querySelector("[data-getting]");
  const token = location.hash.slice(1);
  if (!form || !token) return;
  history.replaceState(null, "", location.pathname);
  form.elements.token.value = token;
  form.requestSubmit();
})();
