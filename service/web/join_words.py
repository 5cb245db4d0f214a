"""What the public page to join says, in both languages. The agreement itself is the workflow's."""

JOIN_WORDS: dict[str, dict[str, str]] = {
    "en": {
        "title": "Join",
        "heading": "Join {programme}",
        "lead": (
            "A text line that checks in on you, reminds you of what you choose, and answers when you write."
        ),
        "other": "Leer en español",
        "text_join": "Text JOIN to",
        "rehearsal_phone": "the rehearsal phone",
        "rehearsal_about": "This is a rehearsal: no real texts are sent.",
        "text_join_about": (
            "By texting JOIN you agree to get recurring automated texts from {programme} at your number."
        ),
        "ask_number": "Ask your coordinator for the number to text, or reach us at {contact}.",
        "or_ask": "Or have a text sent to you",
        "or_ask_about": "It asks whether you want this. Nothing more is sent unless you answer YES.",
        "phone": "Your mobile number",
        "phone_hint": "With the area code. Only your own.",
        "phone_problem": "Type the whole number, with its area code.",
        "name": "What we may call you (you can leave this empty)",
        "name_problem": "Use letters only for the name, or leave it empty.",
        "agree_problem": "Tick the box if you agree to get texts.",
        "send": "Send me the text",
        "too_many": "Too many people are asking just now. Text JOIN instead, or try again in an hour.",
        "what": "What you get",
        "what_about": (
            "A short check-in, reminders under names you pick, and answers to what you text. The texts "
            "are automated. How many depends on what you choose: from one a week to a few a day."
        ),
        "cost": "What it costs",
        "cost_about": "The service is free. Message and data rates may apply.",
        "charge": "You are in charge",
        "stop": "Text STOP at any time to end all texts.",
        "help": "Text HELP for help, or reach us at {contact} ({hours}).",
        "condition": ("Joining is your choice. It is not a condition of any treatment, service or purchase."),
        "never_sold": "Your number is never sold, and never shared with anyone for marketing.",
        "emergency": "Not for emergencies",
        "emergency_about": (
            "Nobody reads the texts around the clock. In an emergency call 911. In a crisis call or text "
            "988, day or night."
        ),
        "privacy": "Privacy",
        "terms": "Terms",
        "sent": "Look at your phone",
        "sent_about": (
            "If this number can get texts from us, one is on its way; at night it waits until morning. "
            "Answer YES to join. Without a YES nothing more is sent."
        ),
        "sent_left": (
            "A number that once told us STOP or NO gets no text from this page. Only a START or JOIN "
            "texted from that phone brings texts back."
        ),
        "sent_nothing": "Nothing came?",
        "back": "Back",
    },
    "es": {
        "title": "Inscribirse",
        "heading": "Inscríbase en {programme}",
        "lead": (
            "Una línea de mensajes de texto que le pregunta cómo está, le recuerda lo que usted elija y "
            "responde cuando escribe."
        ),
        "other": "Read this in English",
        "text_join": "Envíe JOIN al",
        "rehearsal_phone": "teléfono de ensayo",
        "rehearsal_about": "Esto es un ensayo: no se envían mensajes reales.",
        "text_join_about": (
            "Al enviar JOIN acepta recibir mensajes de texto automáticos y recurrentes de {programme} en "
            "su número."
        ),
        "ask_number": "Pida el número a su coordinador, o comuníquese al {contact}.",
        "or_ask": "O reciba un mensaje",
        "or_ask_about": "Le pregunta si lo desea. No se envía nada más si no responde YES o SÍ.",
        "phone": "Su número de celular",
        "phone_hint": "Con el código de área. Solo el suyo.",
        "phone_problem": "Escriba el número completo, con el código de área.",
        "name": "Cómo podemos llamarle (puede dejarlo vacío)",
        "name_problem": "Use solo letras para el nombre, o déjelo vacío.",
        "agree_problem": "Marque la casilla si acepta recibir mensajes.",
        "send": "Enviarme el mensaje",
        "too_many": (
            "Hay demasiadas solicitudes en este momento. Envíe JOIN, o intente de nuevo en una hora."
        ),
        "what": "Qué recibe",
        "what_about": (
            "Una pregunta corta sobre cómo está, recordatorios con los nombres que usted elija y "
            "respuestas a lo que escriba. Los mensajes son automáticos. La cantidad depende de lo que "
            "elija: desde uno por semana hasta unos pocos al día."
        ),
        "cost": "Cuánto cuesta",
        "cost_about": "El servicio es gratis. Pueden aplicarse tarifas de mensajes y datos.",
        "charge": "Usted decide",
        "stop": "Envíe STOP en cualquier momento para terminar todos los mensajes.",
        "help": "Envíe HELP para ayuda, o comuníquese al {contact} ({hours}).",
        "condition": (
            "Inscribirse es su decisión. No es condición para ningún tratamiento, servicio o compra."
        ),
        "never_sold": "Su número nunca se vende ni se comparte con nadie para publicidad.",
        "emergency": "No es para emergencias",
        "emergency_about": (
            "Nadie lee los mensajes a toda hora. En una emergencia llame al 911. En una crisis llame o "
            "envíe un mensaje al 988, de día o de noche."
        ),
        "privacy": "Privacidad (en inglés)",
        "terms": "Condiciones (en inglés)",
        "sent": "Mire su teléfono",
        "sent_about": (
            "Si este número puede recibir mensajes nuestros, uno está en camino; de noche espera hasta la "
            "mañana. Responda SÍ para inscribirse. Sin su respuesta no se envía nada más."
        ),
        "sent_left": (
            "Un número que alguna vez nos respondió STOP o NO no recibe mensajes desde esta página. Solo "
            "START o JOIN, enviado desde ese teléfono, los trae de vuelta."
        ),
        "sent_nothing": "¿No llegó nada?",
        "back": "Volver",
    },
}
"""By language; {programme}, {contact} and {hours} are filled in by the template."""

FLYER_WORDS: dict[str, dict[str, str]] = {
    "en": {
        "heading": "Reminders by text",
        "how": "Scan, or text JOIN to",
        "about": "Free. You choose what, when, and what it is called.",
        "agreement": (
            "By texting JOIN you agree to get recurring automated texts from {programme}: check-ins, the "
            "reminders you choose, and answers to what you text. How many depends on what you choose, from "
            "one a week to a few a day. Message and data rates may apply. Text STOP to end, HELP for help. "
            "Joining is not a condition of any service or purchase."
        ),
        "more": "Questions: {contact}. Privacy and terms: {address}/privacy, {address}/terms",
    },
    "es": {
        "heading": "Recordatorios por mensaje",
        "how": "Escanee, o envíe JOIN al",
        "about": "Gratis. Usted elige qué, cuándo y con qué nombre.",
        "agreement": (
            "Al enviar JOIN acepta recibir mensajes de texto automáticos y recurrentes de {programme}: "
            "preguntas sobre cómo está, los recordatorios que elija y respuestas a lo que escriba. La "
            "cantidad depende de lo que elija, desde uno por semana hasta unos pocos al día. Pueden "
            "aplicarse tarifas de mensajes y datos. Envíe STOP para terminar, HELP para ayuda. Inscribirse "
            "no es condición para ningún servicio o compra."
        ),
        "more": "Preguntas: {contact}. Privacidad y condiciones: {address}/privacy, {address}/terms",
    },
}
"""As short as carriers allow, and of no condition or treatment: who holds the sheet is not given away."""
