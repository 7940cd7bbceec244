import { Switch as Primitive } from "radix-ui";
import type { ComponentProps } from "react";

export function Switch(props: Omit<ComponentProps<typeof Primitive.Root>, "className" | "children">) {
  return (
    <Primitive.Root
      className="relative h-6 w-10 shrink-0 rounded-full border border-control bg-sunken transition-colors data-[state=checked]:border-accent data-[state=checked]:bg-accent"
      {...props}
    >
      <Primitive.Thumb className="block size-4.5 translate-x-0.5 rounded-full bg-control transition-transform data-[state=checked]:translate-x-4.5 data-[state=checked]:bg-on-accent" />
    </Primitive.Root>
  );
}
