import { Monitor, Moon, Sun, type LucideIcon } from "lucide-react";
import { DropdownMenu } from "radix-ui";

import { IconButton } from "@/atoms/button";
import { useTheme, type Theme } from "@/lib/theme";

const CHOICES: { theme: Theme; word: string; icon: LucideIcon }[] = [
  { theme: "system", word: "System", icon: Monitor },
  { theme: "light", word: "Light", icon: Sun },
  { theme: "dark", word: "Dark", icon: Moon },
];

export function ThemeMenu() {
  const { theme, setTheme } = useTheme();
  const Current = CHOICES.find((choice) => choice.theme === theme)?.icon ?? Monitor;
  return (
    // Not modal: the scroll lock of a modal menu adds a style sheet to the page, which the CSP forbids.
    <DropdownMenu.Root modal={false}>
      <DropdownMenu.Trigger asChild>
        <IconButton label={`Theme: ${theme}`}>
          <Current size={18} aria-hidden="true" />
        </IconButton>
      </DropdownMenu.Trigger>
      <DropdownMenu.Portal>
        <DropdownMenu.Content
          align="end"
          sideOffset={6}
          className="z-50 min-w-40 animate-appear rounded-xl border border-line bg-raised p-1 shadow-3"
        >
          <DropdownMenu.RadioGroup value={theme} onValueChange={(value) => setTheme(value as Theme)}>
            {CHOICES.map(({ theme: name, word, icon: Icon }) => (
              <DropdownMenu.RadioItem
                key={name}
                value={name}
                className="flex h-9 cursor-pointer items-center gap-2.5 rounded-lg px-2.5 text-sm text-ink-2 outline-none data-highlighted:bg-sunken data-[state=checked]:font-semibold data-[state=checked]:text-ink pointer-coarse:h-11"
              >
                <Icon size={16} aria-hidden="true" />
                {word}
              </DropdownMenu.RadioItem>
            ))}
          </DropdownMenu.RadioGroup>
        </DropdownMenu.Content>
      </DropdownMenu.Portal>
    </DropdownMenu.Root>
  );
}
