"""Wire models of a channel's input and encoders. Sources: contract, InputStreamInfo and EncoderSettingsExpand."""

from pydantic import SecretStr

from medialive_operator.cloud.wire import Wire


class SecondarySource(Wire):
    """A backup source (SecondarySourcesInfo). For push protocols the service makes the URL."""

    url: str | None = None
    bitrate: int | None = None  # bit/s
    width: int | None = None
    height: int | None = None
    bitrate_for3u8: bool | None = None
    passphrase: SecretStr | None = None
    pbkeylen: int | None = None  # bytes
    backup_urls: list[str] | None = None
    stream_id: str | None = None
    latency: int | None = None  # unit not documented, ms by convention


class Source(SecondarySource):
    """A primary source (SourcesInfo)."""

    enable_snapshot: bool | None = None


class FailoverConditions(Wire):
    """When to switch between primary and backup, and whether to go back (PRIMARY) or stay (EQUAL)."""

    input_loss_threshold_msec: int | None = None
    input_preference: str | None = None


class AudioLanguageSelection(Wire):
    """Audio by language (AudioSelectorLangSelection)."""

    language_code: str | None = None
    language_selection_policy: str | None = None


class AudioPidSelection(Wire):
    """Audio by PID (AudioSelectorPidSelection)."""

    pid: int | None = None


class AudioHlsSelection(Wire):
    """Audio by HLS rendition (AudioSelectorHlsSelection)."""

    name: str | None = None
    group_id: str | None = None


class AudioSelectorSettings(Wire):
    """How an audio selector chooses."""

    audio_language_selection: AudioLanguageSelection | None = None
    audio_pid_selection: AudioPidSelection | None = None
    audio_hls_selection: AudioHlsSelection | None = None


class AudioSelector(Wire):
    """A named choice of audio (InputAudioSelector)."""

    name: str | None = None
    selector_settings: AudioSelectorSettings | None = None


class Input(Wire):
    """What a channel is fed with (InputStreamInfo)."""

    input_protocol: str | None = None
    sources: list[Source] | None = None
    secondary_sources: list[SecondarySource] | None = None
    failover_conditions: FailoverConditions | None = None
    max_bandwidth_limit: int | None = None  # bit/s, HLS_PULL
    ip_port_mode: bool | None = None
    ip_whitelist: str | None = None  # CIDRs, separated by commas
    scte35_source: str | None = None
    ad_triggers: list[str] | None = None
    audio_selectors: list[AudioSelector] | None = None


class AudioDescription(Wire):
    """An audio output (EncoderSettingsExpandAudioDescriptions)."""

    name: str | None = None
    audio_selector_name: str | None = None
    language_code_control: str | None = None
    language_code: str | None = None
    stream_name: str | None = None


class VideoDescriptions(Wire):
    """The video output; a GOP of 0 s follows the source."""

    gop_duration_seconds: int | None = None


class EncoderSettingsExpand(Wire):
    """What a transcoding template does not say."""

    audio_descriptions: list[AudioDescription] | None = None
    video_descriptions: VideoDescriptions | None = None


class EncoderSettings(Wire):
    """A transcoding template (ModifyOttChannelEncoderSettingsEncoderSettings)."""

    template_id: str | None = None
