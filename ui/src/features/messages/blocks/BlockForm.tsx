/** The detail of one block, by its kind. */
import { NumberInput, SegmentedControl, Slider, Switch, Textarea } from "@mantine/core";
import { IconAlignCenter, IconAlignLeft, IconAlignRight } from "@tabler/icons-react";
import { useTranslation } from "react-i18next";
import { AssetPicker } from "../assets/AssetPicker";
import {
  ALIGNS,
  type Align,
  type Block,
  type BlockOf,
  type ColumnsBlock,
  type TextBlock,
} from "../model/body";
import classes from "./blocks.module.css";
import { HTTPS, TextEditor } from "./TextEditor";

interface FormProps<B extends Block> {
  block: B;
  /** Edits with one mark in succession are one step of the history. */
  onChange: (block: Block, mark?: string) => void;
  readOnly: boolean;
}

export function BlockForm({ block, onChange, readOnly }: FormProps<Block>) {
  const { t } = useTranslation("messages");
  switch (block.kind) {
    case "heading":
      return <HeadingForm block={block} onChange={onChange} readOnly={readOnly} />;
    case "text":
      return <TextForm block={block} onChange={onChange} readOnly={readOnly} />;
    case "image":
      return <ImageForm block={block} onChange={onChange} readOnly={readOnly} />;
    case "button":
      return <ButtonForm block={block} onChange={onChange} readOnly={readOnly} />;
    case "spacer":
      return (
        <Labelled label={t("form.height")}>
          <Slider
            min={4}
            max={160}
            step={4}
            label={(height) => `${height} px`}
            thumbLabel={t("form.height")}
            disabled={readOnly}
            value={block.height}
            onChange={(height) => onChange({ ...block, height }, "height")}
          />
        </Labelled>
      );
    case "columns":
      return <ColumnsForm block={block} onChange={onChange} readOnly={readOnly} />;
    case "footer":
      return <FooterForm block={block} onChange={onChange} readOnly={readOnly} />;
    case "mjml":
      return (
        <>
          <p className={classes.hint}>{t("form.mjmlText")}</p>
          <Textarea
            label={t("form.mjml")}
            classNames={{ input: classes.mono }}
            autosize
            minRows={8}
            maxRows={30}
            spellCheck={false}
            readOnly={readOnly}
            value={block.mjml}
            onChange={(event) => onChange({ ...block, mjml: event.currentTarget.value }, "mjml")}
          />
        </>
      );
    case "divider":
      return <p className={classes.hint}>{t("form.nothing")}</p>;
  }
}

function HeadingForm({ block, onChange, readOnly }: FormProps<BlockOf<"heading">>) {
  const { t } = useTranslation("messages");
  return (
    <>
      <TextEditor
        label={t("form.heading")}
        value={block.text}
        readOnly={readOnly}
        maxLength={400}
        onChange={(text) => onChange({ ...block, text }, "text")}
      />
      <Labelled label={t("form.level")}>
        <SegmentedControl
          fullWidth
          size="xs"
          aria-label={t("form.level")}
          readOnly={readOnly}
          value={String(block.level)}
          data={[1, 2, 3].map((one) => ({ value: String(one), label: t(`size.${one}`) }))}
          onChange={(level) => onChange({ ...block, level: Number(level) as 1 | 2 | 3 })}
        />
      </Labelled>
      <AlignChoice
        value={block.align}
        onChange={(align) => onChange({ ...block, align })}
        readOnly={readOnly}
      />
    </>
  );
}

const TONES: readonly TextBlock["tone"][] = ["normal", "muted", "notice"];

function TextForm({ block, onChange, readOnly }: FormProps<TextBlock>) {
  const { t } = useTranslation("messages");
  return (
    <>
      <TextEditor
        label={t("form.text")}
        description={t("form.textText")}
        value={block.text}
        rows={6}
        rich
        readOnly={readOnly}
        maxLength={20_000}
        onChange={(text) => onChange({ ...block, text }, "text")}
      />
      <Labelled label={t("form.tone")}>
        <SegmentedControl
          fullWidth
          size="xs"
          aria-label={t("form.tone")}
          readOnly={readOnly}
          value={block.tone}
          data={TONES.map((one) => ({ value: one, label: t(`tone.${one}`) }))}
          onChange={(tone) => onChange({ ...block, tone: tone as TextBlock["tone"] })}
        />
      </Labelled>
      <AlignChoice
        value={block.align}
        onChange={(align) => onChange({ ...block, align })}
        readOnly={readOnly}
      />
    </>
  );
}

function ImageForm({ block, onChange, readOnly }: FormProps<BlockOf<"image">>) {
  const { t } = useTranslation("messages");
  return (
    <>
      <AssetPicker
        label={t("form.image")}
        value={block.asset}
        readOnly={readOnly}
        onPick={(asset) => onChange({ ...block, asset: asset.id, alt: block.alt || asset.alt })}
      />
      <TextEditor
        label={t("form.alt")}
        description={t("form.altText")}
        value={block.alt}
        readOnly={readOnly}
        maxLength={400}
        onChange={(alt) => onChange({ ...block, alt }, "alt")}
      />
      <TextEditor
        label={t("form.imageUrl")}
        placeholder={HTTPS}
        value={block.url}
        readOnly={readOnly}
        maxLength={2000}
        onChange={(url) => onChange({ ...block, url }, "url")}
      />
      <NumberInput
        label={t("form.width")}
        description={t("form.widthText")}
        min={16}
        max={600}
        allowDecimal={false}
        readOnly={readOnly}
        value={block.width ?? ""}
        onChange={(width) =>
          onChange({ ...block, width: typeof width === "number" ? width : null }, "width")
        }
      />
      <AlignChoice
        value={block.align}
        onChange={(align) => onChange({ ...block, align })}
        readOnly={readOnly}
      />
    </>
  );
}

function ButtonForm({ block, onChange, readOnly }: FormProps<BlockOf<"button">>) {
  const { t } = useTranslation("messages");
  return (
    <>
      <TextEditor
        label={t("form.label")}
        value={block.label}
        readOnly={readOnly}
        maxLength={400}
        onChange={(label) => onChange({ ...block, label }, "label")}
      />
      <TextEditor
        label={t("form.url")}
        placeholder={HTTPS}
        value={block.url}
        readOnly={readOnly}
        maxLength={2000}
        onChange={(url) => onChange({ ...block, url }, "url")}
      />
      <Labelled label={t("form.style")}>
        <SegmentedControl
          fullWidth
          size="xs"
          aria-label={t("form.style")}
          readOnly={readOnly}
          value={block.style}
          data={(["primary", "plain"] as const).map((one) => ({
            value: one,
            label: t(`style.${one}`),
          }))}
          onChange={(style) => onChange({ ...block, style: style as "primary" | "plain" })}
        />
      </Labelled>
      <AlignChoice
        value={block.align}
        onChange={(align) => onChange({ ...block, align })}
        readOnly={readOnly}
      />
    </>
  );
}

/** How the mail may be parted: equally, or one side wider. */
const SHAPES: readonly (readonly (number | null)[])[] = [
  [null],
  [null, null],
  [35, 65],
  [65, 35],
  [null, null, null],
];

function ColumnsForm({ block, onChange, readOnly }: FormProps<ColumnsBlock>) {
  const { t } = useTranslation("messages");
  const now = JSON.stringify(block.columns.map((one) => one.width));
  const shape = (widths: readonly (number | null)[]) => {
    const kept = block.columns.slice(0, widths.length);
    const left = block.columns.slice(widths.length).flatMap((one) => one.blocks);
    const columns = widths.map((width, index) => ({ width, blocks: kept[index]?.blocks ?? [] }));
    const last = columns.at(-1);
    // What stood in a column that goes away stays in the mail.
    if (last) last.blocks = [...last.blocks, ...left];
    onChange({ ...block, columns });
  };
  return (
    <>
      <Labelled label={t("form.shape")}>
        <div className={classes.shapes} role="radiogroup" aria-label={t("form.shape")}>
          {SHAPES.map((widths) => {
            const name = JSON.stringify(widths);
            return (
              <label key={name} className={classes.shape} data-on={name === now || undefined}>
                <input
                  type="radio"
                  className={classes.heard}
                  name={`shape-${block.key}`}
                  checked={name === now}
                  disabled={readOnly}
                  aria-label={widths
                    .map((one) => one ?? Math.round(100 / widths.length))
                    .join(" : ")}
                  onChange={() => shape(widths)}
                />
                {widths.map((width, index) => (
                  <span key={index} style={{ flex: width ?? 50 }} />
                ))}
              </label>
            );
          })}
        </div>
      </Labelled>
      <p className={classes.hint}>{t("form.columnsText")}</p>
    </>
  );
}

function FooterForm({ block, onChange, readOnly }: FormProps<BlockOf<"footer">>) {
  const { t } = useTranslation("messages");
  return (
    <>
      <p className={classes.hint}>{t("form.footerText")}</p>
      {(["sender", "address", "contact"] as const).map((name) => (
        <TextEditor
          key={name}
          label={t(`form.${name}`)}
          value={block[name]}
          readOnly={readOnly}
          maxLength={400}
          onChange={(text) => onChange({ ...block, [name]: text }, name)}
        />
      ))}
      <TextEditor
        label={t("form.note")}
        value={block.note}
        rows={3}
        readOnly={readOnly}
        onChange={(note) => onChange({ ...block, note }, "note")}
      />
      <Switch
        label={t("form.unsubscribe")}
        disabled={readOnly}
        checked={block.unsubscribe}
        onChange={(event) => onChange({ ...block, unsubscribe: event.currentTarget.checked })}
      />
      <Switch
        label={t("form.preferences")}
        disabled={readOnly}
        checked={block.preferences}
        onChange={(event) => onChange({ ...block, preferences: event.currentTarget.checked })}
      />
    </>
  );
}

const ALIGN_ICONS = { left: IconAlignLeft, center: IconAlignCenter, right: IconAlignRight };

function AlignChoice(props: { value: Align; onChange: (align: Align) => void; readOnly: boolean }) {
  const { t } = useTranslation("messages");
  return (
    <Labelled label={t("form.align")}>
      <SegmentedControl
        size="xs"
        aria-label={t("form.align")}
        readOnly={props.readOnly}
        value={props.value}
        data={ALIGNS.map((one) => {
          const Icon = ALIGN_ICONS[one];
          return {
            value: one,
            label: <Icon size={16} aria-label={t(`align.${one}`)} role="img" />,
          };
        })}
        onChange={(align) => props.onChange(align as Align)}
      />
    </Labelled>
  );
}

export function Labelled({ label, children }: { label: string; children: React.ReactNode }) {
  return (
    <div>
      <div className={classes.label}>{label}</div>
      {children}
    </div>
  );
}
