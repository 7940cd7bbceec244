/** A proposal in full: what, how sure, why, and what would happen. */
import { ArrowUpRight, History, Tag } from "lucide-react";

import { graphql, unmask, type FragmentType } from "@/gql";
import type { ProposalViewFragment } from "@/gql/graphql";
import { cx } from "@/lib/cx";
import { headline, type Headline } from "@/lib/headline";
import { humanize, percent } from "@/lib/format";
import { isObject, type Json } from "@/lib/json";
import { Confidence } from "@/molecules/confidence";
import { Facts, JsonFold } from "@/molecules/json-view";
import { Section } from "@/molecules/section";

const Fragment = graphql(`
  fragment ProposalView on Proposal {
    title
    body
    payload
    confidence
    rationale
    evidence {
      kind
      text
      label
      similarity
    }
    preview {
      connector
      inputs
    }
  }
`);

export function ProposalView({
  proposal: masked,
  large = false,
}: {
  proposal: FragmentType<typeof Fragment>;
  large?: boolean;
}) {
  const proposal = unmask(Fragment, masked);
  return (
    <div className="flex flex-col gap-7">
      {proposal.body && (
        <blockquote
          className={cx(
            "leading-relaxed break-words whitespace-pre-wrap",
            large ? "text-xl tracking-[-0.01em]" : "text-base",
          )}
        >
          {proposal.body}
        </blockquote>
      )}
      <Proposed payload={proposal.payload} title={proposal.title} confidence={proposal.confidence} />
      {(proposal.evidence.length > 0 || proposal.rationale) && (
        <Section title="Why">
          {proposal.rationale && <p className="mb-3 text-sm text-ink-2">{proposal.rationale}</p>}
          <EvidenceList evidence={proposal.evidence} proposed={headline(proposal.payload, "")} />
        </Section>
      )}
      {proposal.preview && (
        <Section title="What happens when you approve">
          <ActionPreview connector={proposal.preview.connector} inputs={proposal.preview.inputs} />
        </Section>
      )}
    </div>
  );
}

function Proposed({ payload, title, confidence }: { payload: Json; title: string; confidence: number }) {
  const { text, raw, rest } = headline(payload, title || "Proposal");
  return (
    <div className="rounded-2xl border border-line bg-surface p-5 shadow-1">
      <p className="text-xs font-medium text-ink-3">Proposed</p>
      <div className="mt-1 flex flex-wrap items-center justify-between gap-x-6 gap-y-3">
        <p className="text-xl font-semibold tracking-tight break-words" title={raw || undefined}>
          {text}
        </p>
        <Confidence value={confidence} />
      </div>
      {Object.keys(rest).length > 0 && (
        <div className="mt-4 border-t border-line pt-4">
          <Facts value={rest} />
        </div>
      )}
    </div>
  );
}

interface EvidenceListProps {
  evidence: ProposalViewFragment["evidence"];
  proposed: Headline;
}

function EvidenceList({ evidence, proposed }: EvidenceListProps) {
  const agrees = (label: string) => proposed.text === "" || label === proposed.raw || label === proposed.text;
  return (
    <ul className="divide-y divide-line overflow-hidden rounded-xl border border-line bg-surface">
      {evidence.map((item, index) => (
        <li key={index} className="flex gap-3 px-4 py-3">
          {item.kind === "decision" ? (
            <History size={15} aria-hidden="true" className="mt-1 shrink-0 text-ink-3" />
          ) : (
            <Tag size={15} aria-hidden="true" className="mt-1 shrink-0 text-ink-3" />
          )}
          <div className="min-w-0 flex-1">
            <p className="text-sm break-words text-ink">{item.text}</p>
            <p className="mt-0.5 text-xs text-ink-3">
              {item.kind === "decision" ? "Decided as" : "Description of"}{" "}
              <span className={cx("font-medium", agrees(item.label) ? "text-accent-ink" : "text-ink-2")}>
                {humanize(item.label)}
              </span>
              {!agrees(item.label) && " · differs"}
            </p>
          </div>
          <span className="nums text-sm text-ink-2">
            {percent(Math.max(0, item.similarity))}
            <span className="sr-only"> similar</span>
          </span>
        </li>
      ))}
    </ul>
  );
}

/** One line for a connector call, such as `POST helpdesk.example/tickets`. */
export function actionSummary(connector: string, inputs: Json): string {
  if (!isObject(inputs) || typeof inputs.url !== "string") return humanize(connector.replace(".", " "));
  const method = typeof inputs.method === "string" ? inputs.method.toUpperCase() : "GET";
  return `${method} ${inputs.url.replace(/^https?:\/\//, "")}`;
}

export function ActionPreview({ connector, inputs }: { connector: string; inputs: Json }) {
  const shown = isObject(inputs) ? { ...inputs } : inputs;
  if (isObject(shown) && typeof shown.url === "string") {
    Reflect.deleteProperty(shown, "url");
    Reflect.deleteProperty(shown, "method");
  }
  const body = isObject(shown) && Object.keys(shown).length === 1 && isObject(shown.json) ? shown.json : shown;
  return (
    <div className="rounded-xl border border-line bg-surface p-4">
      <p className="flex items-center gap-2 text-sm font-medium">
        <ArrowUpRight size={15} aria-hidden="true" className="shrink-0 text-ink-3" />
        <span className="min-w-0 break-words [overflow-wrap:anywhere]">{actionSummary(connector, inputs)}</span>
        <span className="ml-auto shrink-0 text-xs font-normal text-ink-3">{connector}</span>
      </p>
      <div className="my-3 border-t border-line" />
      <Facts value={body} />
      <div className="mt-3">
        <JsonFold value={inputs} label="All inputs as JSON" />
      </div>
    </div>
  );
}
