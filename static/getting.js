// A link's token stands behind the #, which no browser sends: hand it over in the form, and take it
// out of the address so that nobody reads it over a shoulder or in the history.
(() => {
  const form = document.querySelector("[data-getting]");
  if (!form) return;
  const handOver = () => {
    const token = location.hash.slice(1);
    if (!token) return;
    history.replaceState(null, "", location.pathname);
    form.elements.token.value = token;
    form.requestSubmit();
  };
  addEventListener("hashchange", handOver); // the address was pasted while the page was open
  handOver();
})();
