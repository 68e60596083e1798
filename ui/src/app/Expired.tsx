import { Modal, Text } from "@mantine/core";
import { useEffect, useState } from "react";
import { useTranslation } from "react-i18next";
import { onExpired } from "@/client/http";
import { SignInForm } from "@/features/signin/SignInForm";
import { useSession } from "./session";

/**
 * The session has ended while a page is open: sign in over the page, so that nothing typed so far
 * is lost.
 */
export function Expired() {
  const { t } = useTranslation("app");
  const session = useSession();
  const [open, setOpen] = useState(false);
  useEffect(() => {
    onExpired(() => setOpen(true));
    return () => onExpired(() => {});
  }, []);
  return (
    <Modal
      opened={open}
      onClose={() => setOpen(false)}
      withCloseButton={false}
      closeOnClickOutside={false}
      closeOnEscape={false}
      title={t("expired.title")}
      size={400}
    >
      <Text size="sm" c="dimmed" mb="md">
        {t("expired.text")}
      </Text>
      <SignInForm email={session?.user.email} onDone={() => setOpen(false)} />
    </Modal>
  );
}
