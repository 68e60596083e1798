/** One delivery with its whole story: asked for, decided, handed over, and what came back. */
import { Stack } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { useTranslation } from "react-i18next";
import { useMay } from "@/app/session";
import { Facts } from "@/design/Facts";
import { TextLink } from "@/design/Link";
import { RightPanel } from "@/design/RightPanel";
import { Ready } from "@/design/states";
import { useFormat } from "@/design/useFormat";
import { ChannelMark } from "@/features/messages/badges";
import { catalogQuery } from "@/features/rules";
import { DeliveryBadge } from "./badges";
import { deliveryQuery } from "./data";
import classes from "./sends.module.css";
import { storyOf } from "./story";
import type { DeliveryDetail } from "./types";
import { UnknownPart } from "./UnknownPart";

export function DeliveryPanel({ id, onClose }: { id: string; onClose: () => void }) {
  const { t } = useTranslation("sends");
  const delivery = useQuery(deliveryQuery(id));
  const found = delivery.data;
  return (
    <RightPanel
      title={found ? found.person_name || found.person : t("panel.title")}
      lead={found && <DeliveryBadge state={found.state} held={found.held} />}
      onClose={onClose}
    >
      <Ready query={delivery} lines={[60, 90, 90, 90]}>
        {(one) => (
          <Stack gap="lg">
            {one.state === "unknown" && <UnknownPart key={one.id} delivery={one} />}
            <About delivery={one} />
            <Story delivery={one} />
            <Inside delivery={one} />
          </Stack>
        )}
      </Ready>
    </RightPanel>
  );
}

function About({ delivery }: { delivery: DeliveryDetail }) {
  const { t } = useTranslation("sends");
  const may = useMay();
  const { template, send, journey } = delivery;
  return (
    <Facts
      facts={[
        ...(may("customers.read")
          ? [
              {
                label: t("row.person"),
                value: (
                  <TextLink to="/customers/$customerId" params={{ customerId: delivery.person }}>
                    {t("panel.openCustomer")}
                  </TextLink>
                ),
              },
            ]
          : []),
        { label: t("row.channel"), value: <ChannelMark channel={delivery.channel} /> },
        {
          label: t("panel.template"),
          value: template ? (
            <TextLink to="/messages/templates/$slug" params={{ slug: template.slug }}>
              {t("panel.templateOf", { name: template.name, number: template.number })}
            </TextLink>
          ) : (
            "–"
          ),
        },
        {
          label: t("row.cause"),
          value: send ? (
            <TextLink to="/messages/sends/$slug" params={{ slug: send.slug }}>
              {send.name}
            </TextLink>
          ) : journey ? (
            may("journeys.read") ? (
              <TextLink to="/journeys/$slug" params={{ slug: journey }}>
                {t("panel.journeyStep", { step: delivery.step })}
              </TextLink>
            ) : (
              t("panel.journeyStep", { step: delivery.step })
            )
          ) : (
            t("row.other")
          ),
        },
      ]}
    />
  );
}

function Story({ delivery }: { delivery: DeliveryDetail }) {
  const { t } = useTranslation("sends");
  const format = useFormat();
  return (
    <section>
      <h3 className={classes.small}>{t("panel.story")}</h3>
      <ol className={classes.story}>
        {storyOf(delivery).map((one, index) => (
          <li key={`${one.what}:${one.at}:${index}`} data-tone={one.tone}>
            <div className={classes.storyHead}>
              <span>{t(`story.${one.what}`)}</span>
              <span className={classes.at}>{format.dateTime(one.at)}</span>
            </div>
            {one.notes.map((note) => (
              <div key={note} className={classes.quiet}>
                {note}
              </div>
            ))}
          </li>
        ))}
      </ol>
    </section>
  );
}

function Inside({ delivery }: { delivery: DeliveryDetail }) {
  const { t } = useTranslation("sends");
  const format = useFormat();
  const catalog = useQuery(catalogQuery);
  const purpose = catalog.data?.purposes.find((one) => one.name === delivery.purpose);
  return (
    <section>
      <h3 className={classes.small}>{t("panel.inside")}</h3>
      <Facts
        facts={[
          {
            label: t("panel.purpose"),
            value: purpose ? format.label(purpose.label) : delivery.purpose,
          },
          ...(delivery.product ? [{ label: t("panel.product"), value: delivery.product }] : []),
          { label: t("panel.sender"), value: delivery.sender || t("form.mainSender") },
          { label: t("panel.attempts"), value: format.count(delivery.attempts, "times") },
          ...(delivery.priority === 0
            ? []
            : [{ label: t("panel.priority"), value: format.number(delivery.priority) }]),
          ...(delivery.cost === null
            ? []
            : [{ label: t("about_cost"), value: format.money(delivery.cost, "exact") }]),
          { label: t("panel.key"), value: <code className={classes.code}>{delivery.key}</code> },
        ]}
      />
    </section>
  );
}
