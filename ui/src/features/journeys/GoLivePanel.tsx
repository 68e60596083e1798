/** Approval: the version goes live, and what becomes of the people who are inside already. */
import { Button, Radio, Select, Stack } from "@mantine/core";
import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { useMemo, useState } from "react";
import { useTranslation } from "react-i18next";
import { call } from "@/client/http";
import { RightPanel } from "@/design/RightPanel";
import { ErrorState, Ready } from "@/design/states";
import { told } from "@/design/undo";
import { useFormat } from "@/design/useFormat";
import { journeyQuery, mappingQuery, path } from "./api";
import styles from "./journeys.module.css";
import { readBody } from "./model/fresh";
import type { Journey, Mapping, MappingPreview } from "./types";
import { useJourneySearch } from "./useJourneySearch";
import { useWords } from "./words";

const ENDS = "-";

export function GoLivePanel({ journey, onClose }: { journey: Journey; onClose: () => void }) {
  const { t } = useTranslation("journeys");
  const client = useQueryClient();
  const { set } = useJourneySearch();
  const [mapping, setMapping] = useState<Mapping>({ move: "stay", steps: {} });
  const { number } = journey.shown;
  const [seen] = useState(journey.shown.changed_at); // another wording is not what was read
  const first = journey.version === null;
  const preview = useQuery(mappingQuery(journey.slug, number, mapping));
  const go = useMutation({
    mutationFn: () =>
      call<Journey>("POST", `${path(journey.slug)}/go-live`, {
        body: { ...mapping, number, seen },
      }),
    onSuccess: async (next) => {
      client.setQueryData(journeyQuery(journey.slug).queryKey, next);
      await client.invalidateQueries({ queryKey: ["journeys"] });
      await client.invalidateQueries({ queryKey: ["journey", journey.slug] });
      told(t("done.goLive", { name: next.name, version: number }));
      set({ panel: undefined, edit: undefined, mode: "live" }, true);
    },
  });
  return (
    <RightPanel
      title={t("goLive.title", { version: number })}
      lead={journey.name}
      width={600}
      onClose={onClose}
      footer={
        <>
          <Button variant="default" onClick={onClose}>
            {t("design:close")}
          </Button>
          <Button
            color="shu"
            loading={go.isPending}
            disabled={
              (preview.data?.faults.some((fault) => fault.level === "refuse") ?? true) === true
            }
            onClick={() => go.mutate()}
          >
            {t("goLive.sure")}
          </Button>
        </>
      }
    >
      <Stack gap="md">
        {go.error && <ErrorState error={go.error} inline />}
        <ul className={styles.consequences}>
          <li>{t("goLive.enters", { entries: journey.shown.entries.join(t("comma")) })}</li>
          <li>{t("goLive.gate")}</li>
        </ul>
        {!first && (
          <Radio.Group
            label={t("goLive.inside")}
            value={mapping.move}
            onChange={(move) => setMapping({ ...mapping, move: move as Mapping["move"] })}
          >
            <Stack gap={8} mt={6}>
              {(["stay", "move"] as const).map((move) => (
                <Radio
                  key={move}
                  value={move}
                  label={t(`goLive.${move}`)}
                  description={t(`goLive.${move}Text`)}
                />
              ))}
            </Stack>
          </Radio.Group>
        )}
        <Ready query={preview} lines={[80, 60]}>
          {(found) => (
            <Mapped journey={journey} found={found} mapping={mapping} onChange={setMapping} />
          )}
        </Ready>
      </Stack>
    </RightPanel>
  );
}

function Mapped(props: {
  journey: Journey;
  found: MappingPreview;
  mapping: Mapping;
  onChange: (mapping: Mapping) => void;
}) {
  const { journey, found, mapping, onChange } = props;
  const { t } = useTranslation("journeys");
  const format = useFormat();
  const words = useWords();
  const steps = useMemo(() => readBody(journey.shown.body).steps, [journey.shown.body]);
  const targets = [
    { value: ENDS, label: t("goLive.ends") },
    ...Object.entries(steps).map(([id, step]) => ({ value: id, label: words.title(step) })),
  ];
  return (
    <>
      <p className={styles.verdict} role="status">
        {found.sentence}
      </p>
      {found.faults.map((fault) => (
        <p key={fault.path + fault.code} className={styles.wrong} role="alert">
          {fault.message} {fault.remedy}
        </p>
      ))}
      {mapping.move === "move" && found.rows.length > 0 && (
        <table className={styles.table}>
          <thead>
            <tr>
              <th scope="col">{t("goLive.from")}</th>
              <th scope="col" className={styles.numeric}>
                {t("goLive.people")}
              </th>
              <th scope="col">{t("goLive.to")}</th>
            </tr>
          </thead>
          <tbody>
            {found.rows.map((row) => (
              <tr key={`${row.version}:${row.step}`}>
                <th scope="row">
                  {row.title}{" "}
                  <span className="muted">{t("version", { version: row.version })}</span>
                </th>
                <td className={styles.numeric}>{format.count(row.people, "people")}</td>
                <td>
                  <Select
                    size="xs"
                    searchable
                    allowDeselect={false}
                    aria-label={t("goLive.toOf", { step: row.title })}
                    value={row.to || ENDS}
                    data={targets}
                    onChange={(to) =>
                      to !== null &&
                      onChange({
                        ...mapping,
                        steps: { ...mapping.steps, [row.step]: to === ENDS ? "" : to },
                      })
                    }
                  />
                </td>
              </tr>
            ))}
          </tbody>
        </table>
      )}
    </>
  );
}
