/** One of a few: a segmented control. */
import { ToggleGroup } from "radix-ui";

interface ChoicesProps {
  label: string;
  options: { value: string; word: string }[];
  value: string;
  onChange: (value: string) => void;
}

// Radix reads an empty value as "none chosen", so every value gets a prefix.
const inner = (value: string) => `=${value}`;

export function Choices({ label, options, value, onChange }: ChoicesProps) {
  return (
    <ToggleGroup.Root
      type="single"
      aria-label={label}
      value={inner(value)}
      onValueChange={(next) => next && onChange(next.slice(1))}
      className="-mx-1 flex max-w-full gap-0.5 overflow-x-auto rounded-xl border border-line bg-sunken p-0.5 [scrollbar-width:none]"
    >
      {options.map((option) => (
        <ToggleGroup.Item
          key={option.value}
          value={inner(option.value)}
          className="h-8 shrink-0 rounded-[10px] px-3 text-sm font-medium text-ink-2 transition-colors hover:text-ink data-[state=on]:bg-raised data-[state=on]:text-ink data-[state=on]:shadow-1 pointer-coarse:h-11"
        >
          {option.word}
        </ToggleGroup.Item>
      ))}
    </ToggleGroup.Root>
  );
}
