/** A value compared with another value, times and plus a number: last month's sum × 0.7. */
import { NumberInput } from "@mantine/core";
import { useMemo } from "react";
import { useTranslation } from "react-i18next";
import { type Block, newTest, type Operand } from "../model/blocks";
import classes from "./builder.module.css";
import { BuilderProvider, type Shared, useBuilder } from "./context";
import type { OperandProps } from "./OperandEditor";
import { OperandKind } from "./OperandKind";
import { TestSentence } from "./TestSentence";

interface Props extends OperandProps {
  operand: Extract<Operand, { kind: "computed" }>;
}

export function ComputedOperand(props: Props) {
  const { t } = useTranslation("rules");
  const shared = useBuilder();
  const { operand, mark, onChange, scope } = props;
  // The value is edited as a test without a comparison: its changes are those of this operand,
  // while blocks of its narrowing are edited where they stand in the tree.
  const test = { ...newTest(operand.on, null, { kind: "none" }), id: `${mark}:of` };
  const inner = useMemo<Shared>(
    () => ({
      ...shared,
      offered: null,
      sets: [],
      actions: {
        ...shared.actions,
        change: (block: Block, same) => {
          if (block.id !== `${mark}:of`) shared.actions.change(block, same);
          else if (block.kind === "test") onChange({ ...operand, on: block.on });
        },
      },
    }),
    [shared, mark, onChange, operand],
  );
  const number = (name: "times" | "plus") => (
    <NumberInput
      size="xs"
      w={96}
      hideControls
      aria-label={t(`operand.${name}`)}
      placeholder={t(`operand.${name}None`)}
      value={operand[name] ?? ""}
      onChange={(next) => onChange({ ...operand, [name]: typeof next === "number" ? next : null })}
    />
  );
  return (
    <div className={classes.computed}>
      <OperandKind {...props}>
        <span className={classes.particle}>{t("operand.computedLead")}</span>
      </OperandKind>
      <BuilderProvider value={inner}>
        <TestSentence test={test} scope={scope} depth={1} valueOnly />
      </BuilderProvider>
      <div className={classes.sentence}>
        <span className={classes.particle}>{t("operand.times")}</span>
        {number("times")}
        <span className={classes.particle}>{t("operand.plus")}</span>
        {number("plus")}
      </div>
    </div>
  );
}
