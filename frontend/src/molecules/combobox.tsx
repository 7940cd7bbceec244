/** A select that can be searched: type to narrow the list, arrows and Enter to choose. */
import { Check, ChevronsUpDown } from "lucide-react";
import { useCombobox } from "downshift";
import { useMemo, useState } from "react";

import { inputClass } from "@/atoms/input";
import { cx } from "@/lib/cx";
import { humanize } from "@/lib/format";
import type { Option } from "@/lib/schema-form";

interface ComboboxProps {
  id: string;
  options: Option[];
  /** The chosen option's value as JSON text; empty when nothing is chosen. */
  value: string;
  onChange: (value: string) => void;
  invalid: boolean;
  describedBy: string | undefined;
  labelledBy: string;
}

const shown = (option: Option | null | undefined) => (option ? humanize(option.label) : "");

function matches(option: Option, search: string): boolean {
  const words = search.toLowerCase().split(/\s+/).filter(Boolean);
  const text = `${option.label} ${humanize(option.label)} ${option.description}`.toLowerCase();
  return words.every((word) => text.includes(word));
}

export default function Combobox({ id, options, value, onChange, invalid, describedBy, labelledBy }: ComboboxProps) {
  const selected = options.find((option) => JSON.stringify(option.value) === value) ?? null;
  const [search, setSearch] = useState("");
  const items = useMemo(() => options.filter((option) => matches(option, search)), [options, search]);
  const combobox = useCombobox<Option>({
    items,
    inputId: id,
    selectedItem: selected,
    itemToString: shown,
    onInputValueChange: ({ inputValue, selectedItem }) =>
      setSearch(inputValue === shown(selectedItem) ? "" : inputValue),
    onSelectedItemChange: ({ selectedItem: chosen }) => chosen && onChange(JSON.stringify(chosen.value)),
  });
  return (
    <div>
      <div className="relative">
        <input
          {...combobox.getInputProps({ onFocus: (event) => event.currentTarget.select() })}
          aria-labelledby={labelledBy}
          aria-describedby={describedBy}
          aria-invalid={invalid}
          className={cx(inputClass, "h-10 pr-10 pointer-coarse:h-11")}
          placeholder="Search…"
          spellCheck={false}
        />
        <button
          type="button"
          {...combobox.getToggleButtonProps({ "aria-label": "Show the list" })}
          className="absolute inset-y-0 right-0 grid w-10 place-items-center text-ink-3 hover:text-ink"
        >
          <ChevronsUpDown size={16} aria-hidden="true" />
        </button>
      </div>
      <ul
        {...combobox.getMenuProps({ "aria-labelledby": labelledBy })}
        className={cx(
          "scroll-thin mt-1.5 max-h-64 overflow-y-auto rounded-xl border border-line bg-raised p-1 shadow-2",
          !combobox.isOpen && "hidden",
        )}
      >
        {combobox.isOpen &&
          items.map((item, index) => (
            <li
              key={JSON.stringify(item.value)}
              {...combobox.getItemProps({ item, index })}
              className={cx(
                "flex min-h-9 items-center gap-2 rounded-lg px-2.5 py-1.5 text-sm pointer-coarse:min-h-11",
                combobox.highlightedIndex === index && "bg-sunken",
              )}
            >
              <span className="min-w-0 flex-1">
                {humanize(item.label)}
                {item.description && <span className="block text-xs text-ink-3">{item.description}</span>}
              </span>
              {item === selected && <Check size={15} aria-hidden="true" className="text-accent" />}
            </li>
          ))}
        {combobox.isOpen && items.length === 0 && <li className="px-2.5 py-2 text-sm text-ink-3">Nothing matches.</li>}
      </ul>
    </div>
  );
}
