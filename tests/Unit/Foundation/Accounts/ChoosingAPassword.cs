using Quoin.Accounts;

namespace Quoin.Tests.Unit.Foundation.Accounts;

public sealed class ChoosingAPassword
{
    [Theory]
    [InlineData("correct horse battery")]
    [InlineData("Zwölf Boxkämpfer")]
    [InlineData("пароль и ещё слово")]
    [InlineData("7hn!vQ2x")]
    public void Asks_for_no_capitals_and_no_signs(string password) =>
        PasswordRules.Problem(password, "ada@example.com", "Ada").ShouldBeNull();

    [Theory]
    [InlineData("password")]
    [InlineData("PASSWORD1")]
    [InlineData("qwertyuiop")]
    [InlineData("iloveyou")]
    [InlineData("Sunshine1")]
    [InlineData("123456789")]
    [InlineData("1q2w3e4r5t")]
    public void Refuses_what_everybody_chooses(string password) =>
        PasswordRules.Problem(password)!.ShouldContain("most common");

    [Theory]
    [InlineData("seven77", "at least 8 letters")]
    [InlineData("abababab", "same few letters")]
    [InlineData("ada.lovelace", "close to your name")]
    [InlineData("ADA.LOVELACE12", "close to your name")]
    [InlineData("Countess of L", "close to your name")]
    [InlineData("half a \ud83d pair", "characters that are none")]
    public void Says_what_is_wrong(string password, string said) =>
        PasswordRules.Problem(password, "ada.lovelace@example.com", "Countess of L")!.ShouldContain(said);

    [Fact]
    public void Takes_a_long_sentence_and_no_book()
    {
        var sentence = string.Join(' ', Enumerable.Range(0, 40).Select(number => $"word{number}"));

        PasswordRules.Problem(sentence[..Limits.PasswordLettersMax]).ShouldBeNull();
        PasswordRules.Problem(sentence + sentence).ShouldNotBeNull();
    }
}
