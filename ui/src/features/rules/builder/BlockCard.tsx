/** One condition or group as a card: grip, sentence, menu, and the faults that belong to it. */
import { Code, UnstyledButton } from "@mantine/core";
import { IconAlertTriangle, IconBan, IconGripVertical } from "@tabler/icons-react";
import { type KeyboardEvent, useEffect, useRef } from "react";
import { useTranslation } from "react-i18next";
import type { Block } from "../model/blocks";
import type { Scope } from "../model/catalog";
import { neighbour } from "../model/edit";
import { BlockMenu } from "./BlockMenu";
import classes from "./builder.module.css";
import { type Actions, useBuilder } from "./context";
import { GroupBody } from "./GroupBody";
import { MembershipSentence } from "./MembershipSentence";
import { SampleSentence } from "./SampleSentence";
import { SequenceSentence } from "./SequenceSentence";
import { TestSentence } from "./TestSentence";

interface Props {
  block: Block;
  scope: Scope;
  depth: number;
}

export function BlockCard({ block, scope, depth }: Props) {
  const { t } = useTranslation("rules");
  const { actions, faults, selected, focus, root, dragged, grab } = useBuilder();
  const card = useRef<HTMLFieldSetElement>(null);
  const focused = useRef(selected === block.id ? focus - 1 : focus);
  const mine = faults.get(block.id) ?? [];
  const isSelected = selected === block.id;
  // The first card is the way in for who comes by Tab and has chosen none yet.
  const isWayIn = selected === null && root.children[0]?.id === block.id;

  useEffect(() => {
    const edited = focused.current !== focus;
    focused.current = focus;
    if (!isSelected) return;
    const inside = card.current?.contains(document.activeElement) ?? false;
    const builder = card.current?.closest("[data-rule-builder]");
    // An edit leaves the focus on its block, wherever it was; choosing one moves it inside alone.
    if (!inside && (edited || builder?.contains(document.activeElement))) card.current?.focus();
  }, [isSelected, focus]);

  function onKeyDown(event: KeyboardEvent<HTMLFieldSetElement>) {
    // A popover under a word stands elsewhere in the page; its keys are its own.
    if (!event.currentTarget.contains(event.target as Node)) return;
    if (event.target !== event.currentTarget) {
      const popup = (event.target as HTMLElement).getAttribute("aria-expanded") === "true";
      if (event.key !== "Escape" || popup) return;
      card.current?.focus();
    } else if (!press(event, block, root, actions, card.current)) return;
    event.preventDefault();
    event.stopPropagation();
  }

  return (
    <fieldset
      ref={card}
      className={classes.card}
      data-kind={block.kind}
      data-not={block.not || undefined}
      data-faulty={mine.length > 0 || undefined}
      data-dragged={dragged === block.id || undefined}
      tabIndex={isSelected || isWayIn ? 0 : -1}
      aria-label={t(block.kind === "group" ? "builder.groupCard" : "builder.card")}
      onFocus={(event) => {
        if (event.target === event.currentTarget) actions.select(block.id);
      }}
      onKeyDown={onKeyDown}
    >
      <div className={classes.line}>
        <UnstyledButton
          className={classes.grip}
          aria-label={t("builder.drag")}
          tabIndex={-1}
          onClick={() => card.current?.focus()}
          onPointerDown={(event) => grab(event, block.id)}
        >
          <IconGripVertical size={16} aria-hidden />
        </UnstyledButton>
        <div className={classes.content} data-sentence>
          {block.not && block.kind !== "membership" && (
            <div className={classes.not}>
              <IconBan size={14} aria-hidden />
              {t("builder.notHere")}
            </div>
          )}
          <Sentence block={block} scope={scope} depth={depth} />
        </div>
        <BlockMenu block={block} />
      </div>
      {mine.map((fault) => (
        <div key={fault.path + fault.message} className={classes.fault} role="alert">
          <IconAlertTriangle size={14} aria-hidden />
          <span>
            {fault.message}
            {fault.remedy ? ` ${fault.remedy}` : ""}
          </span>
        </div>
      ))}
    </fieldset>
  );
}

function Sentence({ block, scope, depth }: Props) {
  const { t } = useTranslation("rules");
  switch (block.kind) {
    case "test":
      return <TestSentence test={block} scope={scope} depth={depth} />;
    case "group":
      return <GroupBody group={block} scope={scope} depth={depth + 1} />;
    case "membership":
      return <MembershipSentence block={block} />;
    case "sequence":
      return <SequenceSentence block={block} scope={scope} depth={depth} />;
    case "sample":
      return <SampleSentence block={block} />;
    case "raw":
      return (
        <>
          <p className={classes.empty}>{t("builder.raw")}</p>
          <Code block>{JSON.stringify(block.json, null, 2)}</Code>
        </>
      );
  }
}

/** What a key does to the card it is pressed on; false when it means nothing here. */
function press(
  event: KeyboardEvent,
  block: Block,
  root: Parameters<typeof neighbour>[0],
  actions: Actions,
  card: HTMLElement | null,
): boolean {
  const { id } = block;
  const command = event.metaKey || event.ctrlKey;
  if (event.altKey) {
    if (event.key === "ArrowUp") actions.moveBy(id, -1);
    else if (event.key === "ArrowDown") actions.moveBy(id, 1);
    else if (event.key === "ArrowRight") actions.moveIn(id);
    else if (event.key === "ArrowLeft") actions.moveOut(id);
    else return false;
    return true;
  }
  switch (event.key) {
    case "ArrowUp":
    case "ArrowDown": {
      const next = neighbour(root, id, event.key === "ArrowUp" ? -1 : 1);
      if (next) actions.select(next);
      return true;
    }
    case "Delete":
    case "Backspace":
      actions.remove(id);
      return true;
    case "Enter":
      card?.querySelector<HTMLElement>("[data-sentence] :is(button, input)")?.focus();
      return true;
  }
  const letter = event.key.toLowerCase();
  if (letter === "d" && !event.shiftKey) actions.duplicate(id);
  else if (command) return false;
  else if (letter === "n") actions.negate(id);
  else if (letter === "g" && event.shiftKey) actions.unwrap(id);
  else if (letter === "g") actions.wrap(id);
  else if (letter === "a") addAfter(card, block);
  else return false;
  return true;
}

/** Opens the finder of the group a card is (or stands in). */
function addAfter(card: HTMLElement | null, block: Block) {
  const box = block.kind === "group" ? card : card?.parentElement;
  const adders = [...(box?.querySelectorAll<HTMLElement>("[data-add]") ?? [])];
  adders.at(-1)?.click();
}
