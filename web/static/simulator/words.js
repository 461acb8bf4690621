// What the page says, in Vietnamese and English.

const WORDS = {
  subtitle: ["Máy điện thoại thử: mọi phím bấm đi đúng đường của mạng thật", "A phone to try: every key goes the way a real network's would"],
  people: ["Ai đang cầm máy?", "Whose phone is it?"],
  search: ["Tìm theo tên, số, chuyện", "Find a name, number or story"],
  otherPhone: ["Số khác", "Another number"],
  use: ["Dùng", "Use"],
  phone: ["Điện thoại", "Telephone"],
  channel: ["Kênh", "Channel"],
  tabUssd: ["Bấm số", "Dial"],
  tabSms: ["Tin nhắn", "SMS"],
  tabChat: ["Chat", "Chat"],
  ready: ["Sẵn sàng", "Ready"],
  waiting: ["Đang chờ…", "Waiting…"],
  inSession: ["Đang nối", "Connected"],
  over: ["Đã kết thúc", "Ended"],
  dialThis: ["Bấm rồi gọi", "Dial and call"],
  typed: ["Đang gõ", "Typed"],
  call: ["Gọi", "Call"],
  send: ["Gửi", "Send"],
  end: ["Kết thúc", "End"],
  erase: ["Xoá một ký tự", "Erase one character"],
  keypad: ["Bàn phím", "Keypad"],
  notOurs: ["Sự cố kết nối hoặc mã MMI không hợp lệ.", "Connection problem or invalid MMI code."],
  noAnswer: ["Sự cố kết nối: mạng không nhận được trả lời.", "Connection problem: the network got no answer."],
  carrier: ["Qua", "Through"],
  words: ["Từ khoá", "Keywords"],
  message: ["Tin nhắn", "Message"],
  smsEmpty: ["Nhắn một từ khoá: QR, TT, KB, KQ, TIEM hoặc HELP.", "Text a keyword: QR, STATUS, DECLARE, RESULT, DOSES or HELP."],
  chatEmpty: ["Chạm /start để mở trò chuyện với cổng.", "Tap /start to open the conversation."],
  zaloEmpty: ["Chạm Quan tâm để theo dõi tài khoản Zalo của cổng.", "Tap Follow to follow the gateway's Zalo account."],
  follow: ["Quan tâm", "Follow"],
  notSent: ["Không gửi được.", "Could not be sent."],
  part: ["tin", "part"],
  parts: ["tin", "parts"],
  qr: ["Mã QR cá nhân", "Personal QR code"],
  enlarge: ["Phóng to mã QR", "Enlarge the QR code"],
  copyCode: ["Chép mã ngắn", "Copy the short code"],
  copied: ["Đã chép.", "Copied."],
  close: ["Đóng", "Close"],
  officer: ["Cán bộ kiểm tra", "The officer"],
  officerHint: ["Nhập mã ngắn người dân đọc, hoặc nội dung mã QR quét được.", "Type the short code a citizen reads out, or what a scanned QR says."],
  scanned: ["Mã ngắn hoặc nội dung QR", "Short code or QR content"],
  check: ["Kiểm tra", "Check"],
  scan: ["Quét QR của người này", "Scan this person's QR"],
  valid: ["Hợp lệ", "Valid"],
  refused: ["Không chấp nhận", "Refused"],
  born: ["Năm sinh", "Born"],
  doses: ["Số mũi", "Doses"],
  asOf: ["Dữ liệu lúc", "As of"],
  until: ["Mã dùng đến", "Code valid until"],
  green: ["Xanh", "Green"],
  yellow: ["Vàng", "Yellow"],
  red: ["Đỏ", "Red"],
  neutral: ["Chưa có quy định", "No rule here"],
  wire: ["Mạng vừa gửi gì?", "What did the network send?"],
  wireHint: ["Đúng yêu cầu mà mạng thật gửi đến cổng, và câu trả lời.", "The very request a network makes, and the answer."],
  proof: ["chứng thực", "proof"],
  born2: ["Ngày sinh", "Born on"],
  household: ["Gia đình", "Family"],
  nobody: ["Không có danh sách người thử: hãy nhập một số.", "No list of people here: enter a number."],
  wrongNumber: ["Số phải như +84912345678.", "Write a number such as +84912345678."],
  pasted: ["Chạm để chép", "Tap to copy"],
  stale: ["Trang đã cũ: hãy tải lại.", "The page is too old: reload it."],
};

let language = "vi";

export function current() {
  return language;
}

export function say(key) {
  const [vi, en] = WORDS[key];
  return language === "en" ? en : vi;
}

export function speak(chosen) {
  language = chosen === "en" ? "en" : "vi";
  document.documentElement.lang = language;
  for (const element of document.querySelectorAll("[data-say]")) element.textContent = say(element.dataset.say);
  for (const element of document.querySelectorAll("[data-label]")) element.setAttribute("aria-label", say(element.dataset.label));
  for (const button of document.querySelectorAll("[data-language]")) {
    button.setAttribute("aria-pressed", String(button.dataset.language === language));
  }
  try { localStorage.setItem("simulator-language", language); } catch { /* private window */ }
}

export function remembered() {
  try { return localStorage.getItem("simulator-language") || "vi"; } catch { return "vi"; }
}
