import { Compass } from "lucide-react";
import { Link } from "react-router";

import { buttonClass } from "@/atoms/button";
import { useTitle } from "@/lib/hooks";
import { EmptyState } from "@/molecules/states";

export function NotFound({ what }: { what: string }) {
  useTitle("Not found");
  return (
    <div className="grid h-full place-items-center">
      <EmptyState icon={<Compass size={40} strokeWidth={1.5} aria-hidden="true" />} title={`There is no such ${what}`}>
        <p className="mb-5">It may have been removed, or the address is not complete.</p>
        <Link to="/queue" className={buttonClass("neutral")}>
          To the queue
        </Link>
      </EmptyState>
    </div>
  );
}
