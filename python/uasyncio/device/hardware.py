"""Modules that need a device's hardware or firmware: they are named in a message, rather than just not found."""

# The name, and what it is.
MODULES = {
    "machine": "pins, buses and timers",
    "pyb": "the pyboard's hardware",
    "stm": "an STM32's registers",
    "esp": "an ESP8266 or ESP32",
    "esp32": "an ESP32",
    "rp2": "an RP2040 or RP2350",
    "nrf": "an nRF chip",
    "samd": "a SAMD chip",
    "network": "network interfaces",
    "bluetooth": "Bluetooth",
    "ubluetooth": "Bluetooth",
    "cryptolib": "ciphers in firmware",
    "ucryptolib": "ciphers in firmware",
    "neopixel": "WS2812 LEDs",
    "dht": "DHT sensors",
    "onewire": "1-Wire buses",
    "ds18x20": "DS18x20 sensors",
    "ssd1306": "an OLED display",
    "framebuf": "frame buffers",
    "lcd160cr": "an LCD",
    "wipy": "a WiPy",
    "vfs": "file systems on flash",
    "flashbdev": "flash",
    "uctypes": "memory as structures",
    "deflate": "compression in firmware",
    # QuecPython.
    "audio": "the module's audio",
    "atcmd": "the modem's AT commands",
    "camera": "the module's camera",
    "cellLocator": "location by cells",
    "checkNet": "the modem's network",
    "dataCall": "the modem's data calls",
    "fota": "firmware updates",
    "gnss": "satellite navigation",
    "misc": "the module's power and ADC",
    "modem": "the modem",
    "net": "the modem's network",
    "ntptime": "the network's time",
    "osTimer": "the firmware's timers",
    "pm": "the module's power management",
    "quecgnss": "satellite navigation",
    "sim": "the SIM card",
    "sms": "short messages",
    "sys_bus": "the firmware's message bus",
    "voiceCall": "phone calls",
    "wifiScan": "Wi-Fi scans",
}


class Finder:
    """Stands at the end of the path, so a stand-in of the same name, anywhere on it, is found first."""

    @staticmethod
    def find_spec(name, path=None, target=None):
        if name not in MODULES:
            return None
        raise ModuleNotFoundError(
            f"No module named {name!r}: it is for {MODULES[name]}, which this computer does not have. "
            f"Put a stand-in, {name}.py, beside the script.",
            name=name,
        )
