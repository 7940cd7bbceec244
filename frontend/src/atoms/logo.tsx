/** The mark: a check for what is sure, a dot for what is asked. */
export function Mark({ size = 24 }: { size?: number }) {
  return (
    <svg width={size} height={size} viewBox="0 0 32 32" aria-hidden="true" className="shrink-0">
      <rect width="32" height="32" rx="9" className="fill-accent" />
      <path
        d="M8 16.8l5 5L22.4 10"
        className="fill-none stroke-on-accent"
        strokeWidth="3.2"
        strokeLinecap="round"
        strokeLinejoin="round"
      />
      <circle cx="23.4" cy="21.6" r="2.1" className="fill-on-accent opacity-70" />
    </svg>
  );
}

export function Logo() {
  return (
    <span className="flex items-center gap-2.5">
      <Mark />
      <span className="text-[1.0625rem] font-semibold tracking-tight">Assent</span>
    </span>
  );
}
