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
    public void Every_other_byte_of_a_request_stays_as_it_is()
    {
        const string body = """
            { "model":"a@b.io",  "n":1.50, "messages":[{"role":"user","content":"I am a@b.io \u00e9"},
              {"role":"tool","tool_call_id":"a@b.io","content":[{"type":"text","text":"é a@b.io"},
              {"type":"image_url","image_url":{"url":"https://a@b.io/x.png"}}]}], "x":[ null , 1e2 ] }
            """;

        var (changed, count) = GuardedText.Change(Encoding.UTF8.GetBytes(body), Email).ShouldNotBeNull();

        count.ShouldBe(2);
        Encoding.UTF8.GetString(changed.Span).ShouldBe("""
            { "model":"a@b.io",  "n":1.50, "messages":[{"role":"user","content":"I am [email] é"},
              {"role":"tool","tool_call_id":"a@b.io","content":[{"type":"text","text":"é [email]"},
              {"type":"image_url","image_url":{"url":"https://a@b.io/x.png"}}]}], "x":[ null , 1e2 ] }
            """);
    }

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
}
