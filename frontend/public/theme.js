// Runs before the first paint, so that a chosen theme never flashes. src/lib/theme.ts writes the choice.
(function () {
  try {
    var choice = localStorage.getItem("assent-theme");
    if (choice === "light" || choice === "dark") document.documentElement.dataset.theme = choice;
  } catch {
    // Storage may be closed to us; the system's theme applies.
  }
})();
