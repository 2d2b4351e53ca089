/** A barrier that stands open as far as a budget goes. */
export function Mark({ size }: { readonly size: number }) {
  return (
    <svg width={size} height={size} viewBox="0 0 32 32" aria-hidden="true">
      <rect width="32" height="32" rx="8" fill="var(--ink)" />
      <path
        d="M9.5 24V9M9.5 12.5h13.5"
        stroke="var(--paper)"
        strokeWidth="3"
        strokeLinecap="round"
        fill="none"
      />
      <path d="M16 12.5h7" stroke="var(--accent)" strokeWidth="3" strokeLinecap="round" />
    </svg>
  );
}
