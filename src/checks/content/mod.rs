//! What the message says and how it is built.

// Written by `UPDATE=1 cargo test --test it index`: do not edit below.
mod alternative_order;
mod body_empty;
mod charset_missing;
mod charset_wrong;
mod client_support_missing;
mod dark_mode_trap;
mod date_malformed;
mod date_missing;
mod date_skewed;
mod eight_bit_undeclared;
mod encoded_word_broken;
mod font_tiny;
mod from_domain_unusable;
mod from_missing;
mod from_multiple;
mod header_duplicate;
mod header_raw_eight_bit;
mod header_syntax_broken;
mod header_too_large;
mod html_as_plain_text;
mod html_broken;
mod html_clipped;
mod html_embedded;
mod html_form;
mod html_image_only;
mod html_script;
mod html_text_hidden;
mod image_alt_missing;
mod image_size_missing;
mod image_text_ratio;
mod line_ends_mixed;
mod line_too_long;
mod link_broken;
mod link_downgrade;
mod link_redirect_loop;
mod merge_field_unreplaced;
mod message_id_malformed;
mod message_id_missing;
mod message_nul_byte;
mod message_partly_read;
mod message_too_large;
mod mime_boundary_broken;
mod mime_encoding_invalid;
mod mime_header_broken;
mod mime_version_missing;
mod phrases_trigger;
mod placeholder_text;
mod preheader_wasted;
mod recipient_missing;
mod recipients_exposed;
mod reply_to_unusable;
mod sender_malformed;
mod spam_score_high;
mod stylesheet_external;
mod subject_capitals;
mod subject_empty;
mod subject_punctuation;
mod subject_reply_feigned;
mod subject_too_long;
mod table_nesting_deep;
mod text_base64_needless;
mod text_contrast_low;
mod text_part_differs;
mod text_part_missing;
mod text_shouting;
mod tnef_attachment;
mod tracking_pixel;
mod words_disguised;
mod words_spaced;

#[rustfmt::skip]
pub(super) static CHECKS: &[&crate::check::Check] = &[
    &alternative_order::CHECK,
    &body_empty::CHECK,
    &charset_missing::CHECK,
    &charset_wrong::CHECK,
    &client_support_missing::CHECK,
    &dark_mode_trap::CHECK,
    &date_malformed::CHECK,
    &date_missing::CHECK,
    &date_skewed::CHECK,
    &eight_bit_undeclared::CHECK,
    &encoded_word_broken::CHECK,
    &font_tiny::CHECK,
    &from_domain_unusable::CHECK,
    &from_missing::CHECK,
    &from_multiple::CHECK,
    &header_duplicate::CHECK,
    &header_raw_eight_bit::CHECK,
    &header_syntax_broken::CHECK,
    &header_too_large::CHECK,
    &html_as_plain_text::CHECK,
    &html_broken::CHECK,
    &html_clipped::CHECK,
    &html_embedded::CHECK,
    &html_form::CHECK,
    &html_image_only::CHECK,
    &html_script::CHECK,
    &html_text_hidden::CHECK,
    &image_alt_missing::CHECK,
    &image_size_missing::CHECK,
    &image_text_ratio::CHECK,
    &line_ends_mixed::CHECK,
    &line_too_long::CHECK,
    &link_broken::CHECK,
    &link_downgrade::CHECK,
    &link_redirect_loop::CHECK,
    &merge_field_unreplaced::CHECK,
    &message_id_malformed::CHECK,
    &message_id_missing::CHECK,
    &message_nul_byte::CHECK,
    &message_partly_read::CHECK,
    &message_too_large::CHECK,
    &mime_boundary_broken::CHECK,
    &mime_encoding_invalid::CHECK,
    &mime_header_broken::CHECK,
    &mime_version_missing::CHECK,
    &phrases_trigger::CHECK,
    &placeholder_text::CHECK,
    &preheader_wasted::CHECK,
    &recipient_missing::CHECK,
    &recipients_exposed::CHECK,
    &reply_to_unusable::CHECK,
    &sender_malformed::CHECK,
    &spam_score_high::CHECK,
    &stylesheet_external::CHECK,
    &subject_capitals::CHECK,
    &subject_empty::CHECK,
    &subject_punctuation::CHECK,
    &subject_reply_feigned::CHECK,
    &subject_too_long::CHECK,
    &table_nesting_deep::CHECK,
    &text_base64_needless::CHECK,
    &text_contrast_low::CHECK,
    &text_part_differs::CHECK,
    &text_part_missing::CHECK,
    &text_shouting::CHECK,
    &tnef_attachment::CHECK,
    &tracking_pixel::CHECK,
    &words_disguised::CHECK,
    &words_spaced::CHECK,
];
