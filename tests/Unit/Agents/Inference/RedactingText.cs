using System.Text;
using System.Text.Json;
using Quoin.Inference;

namespace Quoin.Tests.Unit.Agents.Inference;

/// <summary>What is taken out of requests before they leave, and what is left exactly as it was.</summary>
public sealed class RedactingText
{
    [Theory]
    [InlineData("email", "write to Ann.Lee+x@mail.example.co.uk, please", "write to [email], please")]
    [InlineData("email", "a @ b, c@d", "a @ b, c@d")]
    [InlineData("card", "pay with 4242 4242 4242 4242 2031", "pay with [card] 2031")]
    [InlineData("card", "5500-0000-0000-0004.", "[card].")]
    [InlineData("card", "order 4242424242424241", "order 4242424242424241")]
    [InlineData("card", "2026-11-23 4111 1111 1111 1111", "2026-11-23 [card]")]
    [InlineData("card", "Order 7 4242 4242 4242 4242", "Order 7 [card]")]
    [InlineData("card", "4242424242424242, 5500000000000004 and 12", "[card], [card] and 12")]
    [InlineData("iban", "no12 of account DE89 3704 0044 0532 0130 00", "no12 of account [iban]")]
    [InlineData("iban", "AB12 DE89 3704 0044 0532 0130 00", "AB12 [iban]")]
    [InlineData("iban", "to DE89 3704 0044 0532 0130 00 and soon", "to [iban] and soon")]
    [InlineData("iban", "GB82WEST12345698765432", "[iban]")]
    [InlineData("iban", "GB83WEST12345698765432", "GB83WEST12345698765432")]
    [InlineData("phone", "call +44 (0)20 7946-0958 now", "call [phone] now")]
    [InlineData("phone", "1 + 2 = 3, +5%", "1 + 2 = 3, +5%")]
    [InlineData("secret", "key sk-proj-abcdefghijklmnop1234 there", "key [secret] there")]
    [InlineData("secret", "AKIAIOSFODNN7EXAMPLE", "[secret]")]
    public void Finds_what_is_one_and_nothing_else(string name, string text, string left) =>
        PatternRedactor.BuiltIn.Single(one => one.Name == name).Redact(text).ShouldBe(left);

    [Fact]
    public void Where_more_digits_agree_by_chance_all_of_them_go() =>
        Card("2026-11-22 4111 1111 1111 1111").ShouldBe("2026-11-[card]");

    [Fact]
    public void Every_other_byte_of_a_request_stays_as_it_is()
    {
        const string body = """
            { "model":"a@b.io",  "n":1.50, "messages":[{"role":"user","content":"I am a@b.io \u00e9"},
              {"role":"tool","tool_call_id":"call_4242424242424242","content":[{"type":"text","text":"é a@b.io"},
              {"type":"image_url","image_url":{"url":"data:image/png;base64,iVBORw0KGgo="}}]}], "x":[ null , 1e2 ] }
            """;

        var (changed, count) = GuardedText.Change(Encoding.UTF8.GetBytes(body), Email).ShouldNotBeNull();

        count.ShouldBe(2);
        Encoding.UTF8.GetString(changed.Span).ShouldBe("""
            { "model":"a@b.io",  "n":1.50, "messages":[{"role":"user","content":"I am [email] é"},
              {"role":"tool","tool_call_id":"call_4242424242424242","content":[{"type":"text","text":"é [email]"},
              {"type":"image_url","image_url":{"url":"data:image/png;base64,iVBORw0KGgo="}}]}], "x":[ null , 1e2 ] }
            """);
    }

    [Theory]
    [InlineData("""{"messages":[{"content":"data: a@b.io"}]}""")]
    [InlineData("""{"messages":[{"content":[{"type":"image_url","image_url":{"url":"https://x.io/?for=a@b.io"}}]}]}""")]
    [InlineData("""{"messages":[{"content":[{"type":"image_url","image_url":{"url":"data:a@b.io;base64,AAAA"}}]}]}""")]
    [InlineData("""{"messages":[{"content":[{"type":"document","source":{"type":"text","data":"a@b.io"}}]}]}""")]
    [InlineData("""{"messages":[{"content":[{"type":"document","source":{"type":"base64","data":"a@b.io"}}]}]}""")]
    [InlineData("""{"messages":[{"content":[{"type":"tool_use","id":"t","input":{"id":"a@b.io"}}]}]}""")]
    [InlineData("""{"messages":[{"content":[{"type":"tool_use","id":"t","input":{"of":[{"data":"a@b.io"}]}}]}]}""")]
    [InlineData("""{"messages":[{"content":[{"type":"tool_use","id":"t","input":{"a@b.io":true}}]}]}""")]
    [InlineData("""{"messages":[{"tool_calls":[{"id":"t","function":{"arguments":"{\"url\":\"a@b.io\"}"}}]}]}""")]
    [InlineData("""{"messages":[{"role":"a@b.io","content":""}]}""")]
    [InlineData("""{"messages":[{"role":"tool","tool_call_id":"of a@b.io","content":""}]}""")]
    [InlineData("""{"tools":[{"type":"function","function":{"description":"asks a@b.io"}}]}""")]
    [InlineData("""{"metadata":{"type":"a@b.io"},"messages":[]}""")]
    public void Nothing_hides_in_a_member_because_of_its_name(string body) =>
        Changed(body, Email).ShouldBe(body.Replace("a@b.io", "[email]", StringComparison.Ordinal));

    [Theory]
    [InlineData("""{"source":{"type":"base64","media_type":"text/plain","data":"DATA"}}""")]
    [InlineData("""{"source":{"data":"DATA","type":"base64"}}""")]
    [InlineData("""{"type":"file","file":{"file_data":"data:text/plain;base64,DATA"}}""")]
    [InlineData("""{"type":"input_file","file_data":"data:text/plain;base64,DATA"}""")]
    public void A_document_of_text_is_looked_through_also_in_base_64(string part)
    {
        string Request(string text) => Holding(Filled(part, Encoding.UTF8.GetBytes(text)));

        Changed(Request("I am a@b.io"), Email).ShouldBe(Request("I am [email]"));
    }

    [Theory]
    [InlineData("""{"type":"image","source":{"type":"base64","media_type":"image/png","data":"DATA"}}""")]
    [InlineData("""{"type":"image_url","image_url":{"url":"data:image/png;base64,DATA"}}""")]
    [InlineData("""{"type":"input_image","image_url":"data:image/png;base64,DATA"}""")]
    [InlineData("""{"type":"input_audio","input_audio":{"data":"DATA","format":"wav"}}""")]
    [InlineData("""{"type":"redacted_thinking","data":"DATA"}""")]
    [InlineData("""{"type":"thinking","thinking":"","signature":"DATA"}""")]
    public void Media_and_what_is_sealed_are_no_text(string part)
    {
        var texts = new List<string>();

        GuardedText.Any(
            Encoding.UTF8.GetBytes(Holding(Filled(part, [0x89, 0x50, 0, 1, 2]))),
            text =>
            {
                texts.Add(text);
                return false;
            });

        texts.ShouldBeSubsetOf(["wav", ""]);
    }

    [Theory]
    [InlineData("4242424242424242")]
    [InlineData("4.242424242424242e15")]
    public void A_number_of_many_digits_is_a_text(string number) =>
        Changed(Holding($$"""{"type":"tool_use","input":{ "card":{{number}}, "n":4 } }"""), Card)
            .ShouldBe(Holding("""{"type":"tool_use","input":{ "card":"[card]", "n":4 } }"""));

    [Theory]
    [InlineData("""{"input":[15339,1917]}""")]
    [InlineData("""{"input":[[15339],[1917]]}""")]
    [InlineData("""{"prompt":[1]}""")]
    public void A_request_in_tokens_is_refused_because_nobody_can_read_it(string body) =>
        Should.Throw<RefusedRequestException>(() => GuardedText.Any(Encoding.UTF8.GetBytes(body), _ => false))
            .Code.ShouldBe(InferenceProblems.ContentRefused);

    [Fact]
    public void A_request_with_nothing_to_take_out_is_not_copied() =>
        GuardedText.Change("""{"messages":[{"content":"nothing here"}]}"""u8, Email).ShouldBeNull();

    [Fact]
    public void What_is_put_in_its_place_cannot_break_the_json()
    {
        var (changed, _) = GuardedText.Change("""{"content":"x"}"""u8, _ => "\"},{\"a\":\\\u0001").ShouldNotBeNull();

        JsonDocument.Parse(changed).RootElement.GetProperty("content").GetString().ShouldBe("\"},{\"a\":\\\u0001");
    }

    [Fact]
    public void Text_that_cannot_be_read_is_refused_rather_than_let_through() =>
        Should.Throw<RefusedRequestException>(() => GuardedText.Change("""{"content":"cut \ud83d"}"""u8, Email))
            .Code.ShouldBe(InferenceProblems.InvalidModelRequest);

    private static string Email(string text) => PatternRedactor.BuiltIn[0].Redact(text);

    private static string Card(string text) => PatternRedactor.BuiltIn[1].Redact(text);

    private static string Changed(string body, Func<string, string> change) =>
        GuardedText.Change(Encoding.UTF8.GetBytes(body), change) is var (changed, _) ? Encoding.UTF8.GetString(changed.Span) : body;

    private static string Holding(string part) => """{"messages":[{"content":[PART]}]}""".Replace("PART", part, StringComparison.Ordinal);

    private static string Filled(string part, byte[] data) =>
        part.Replace("DATA", Convert.ToBase64String(data), StringComparison.Ordinal);
}
